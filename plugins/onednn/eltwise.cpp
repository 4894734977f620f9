// y = f(x), element by element (ONNX Abs, Elu, HardSwish, LeakyRelu, Mish, Sigmoid, Sqrt, Tanh). oneDNN's Relu and Exp do
// not keep a NaN and its Softplus is wrong by 1e-5 where it is small, so they are not offered.
#include "kernel.h"
#include "layouts.h"

#include <cmath>

namespace tenon::onednn {
using namespace sdk;
using dnnl::algorithm;

// F states the name, the first opset, oneDNN's algorithm, and alpha where the operator has it.
template <class F>
struct Eltwise : F, Kernel {
    static constexpr Identity identity{.name = F::kName, .since = F::kSince};
    static constexpr auto formats = inEachLayout(row(f32, f32));
    static constexpr int alias = 0;
    void configure(const Layer& layer) {
        prepare(layer, [&](const Instance& at, Calls& calls) {
            const Tensor x = flattenSpatial(at.input(0));
            if (x.elements() == 0) return;
            const memory::desc desc = descOf(x);
            // oneDNN computes the padding too, and 0 * alpha must be the zero that belongs there.
            if (hasPadding(desc) && (std::signbit(slope()) || !std::isfinite(slope())))
                throw declined("this alpha does not keep the channel padding zero");
            const dnnl::eltwise_forward::desc operation(dnnl::prop_kind::forward_inference, F::kAlgorithm, desc, slope(), 0.0F);
            const dnnl::eltwise_forward::primitive_desc pd(operation, userScratchpad(), cpu());
            calls.add(pd, {{DNNL_ARG_SRC, desc, Place::input}, {DNNL_ARG_DST, desc, Place::output}});
        });
    }

private:
    float slope() const {
        if constexpr (requires { this->alpha; }) return this->alpha;
        else return 0.0F;
    }
};

struct AbsOf {
    static constexpr const char* kName = "Abs";
    static constexpr int kSince = 1;
    static constexpr algorithm kAlgorithm = algorithm::eltwise_abs;
};
struct EluOf {
    float alpha = 1.0F;
    static constexpr const char* kName = "Elu";
    static constexpr int kSince = 1;
    static constexpr algorithm kAlgorithm = algorithm::eltwise_elu;
    static constexpr auto attributes() { return std::tuple{attr(1, "alpha", &EluOf::alpha, "scale of the exponential")}; }
};
struct HardSwishOf {
    static constexpr const char* kName = "HardSwish";
    static constexpr int kSince = 14;
    static constexpr algorithm kAlgorithm = algorithm::eltwise_hardswish;
};
struct LeakyReluOf {
    float alpha = 0.01F;
    static constexpr const char* kName = "LeakyRelu";
    static constexpr int kSince = 1;
    static constexpr algorithm kAlgorithm = algorithm::eltwise_relu;
    static constexpr auto attributes() { return std::tuple{attr(1, "alpha", &LeakyReluOf::alpha, "slope where x < 0")}; }
};
struct MishOf {
    static constexpr const char* kName = "Mish";
    static constexpr int kSince = 18;
    static constexpr algorithm kAlgorithm = algorithm::eltwise_mish;
};
struct SigmoidOf {
    static constexpr const char* kName = "Sigmoid";
    static constexpr int kSince = 1;
    static constexpr algorithm kAlgorithm = algorithm::eltwise_logistic;
};
struct SqrtOf {
    static constexpr const char* kName = "Sqrt";
    static constexpr int kSince = 1;
    static constexpr algorithm kAlgorithm = algorithm::eltwise_sqrt;
};
struct TanhOf {
    static constexpr const char* kName = "Tanh";
    static constexpr int kSince = 1;
    static constexpr algorithm kAlgorithm = algorithm::eltwise_tanh;
};

}  // namespace tenon::onednn

TENON_OPERATORS(eltwise, tenon::onednn::Eltwise<tenon::onednn::AbsOf>, tenon::onednn::Eltwise<tenon::onednn::EluOf>,
                tenon::onednn::Eltwise<tenon::onednn::HardSwishOf>, tenon::onednn::Eltwise<tenon::onednn::LeakyReluOf>,
                tenon::onednn::Eltwise<tenon::onednn::MishOf>, tenon::onednn::Eltwise<tenon::onednn::SigmoidOf>,
                tenon::onednn::Eltwise<tenon::onednn::SqrtOf>, tenon::onednn::Eltwise<tenon::onednn::TanhOf>)
