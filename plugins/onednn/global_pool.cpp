// y = maximum or mean over all spatial positions (ONNX GlobalMaxPool and GlobalAveragePool opset 1 and later).
#include "kernel.h"
#include "layouts.h"

namespace tenon::onednn {
using namespace sdk;
using dnnl::algorithm;

struct GlobalMaxOf {
    static constexpr const char* kName = "GlobalMaxPool";
    static constexpr algorithm kAlgorithm = algorithm::pooling_max;
};
struct GlobalAverageOf {
    static constexpr const char* kName = "GlobalAveragePool";
    static constexpr algorithm kAlgorithm = algorithm::pooling_avg_exclude_padding;
};

template <class F>
struct GlobalPool : Kernel {
    static constexpr Identity identity{.name = F::kName, .since = 1};
    static constexpr auto formats = inEachLayout(row(f32, f32));

    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() < 2) throw Error("needs batch and channels, found rank " + std::to_string(x[0].rank()));
        y[0] = x[0].dims();
        for (int i = 2; i < x[0].rank(); ++i) {
            if (x[0][i].is(0)) throw Error("dimension " + std::to_string(i) + " is 0: there is nothing to pool");
            y[0][i] = 1;
        }
    }
    void configure(const Layer& layer) {
        prepare(layer, [&](const Instance& at, Calls& calls) {
            if (at.output().elements() == 0) return;
            const Tensor x = image(at.input(0)), y = image(at.output());
            if (x.elements() == 0) throw declined("a window without elements");
            const memory::desc from = descOf(x), to = descOf(y);
            const memory::dims kernel{x.dim(2), x.dim(3)}, none{0, 0};
            const dnnl::pooling_forward::desc operation(dnnl::prop_kind::forward_inference, F::kAlgorithm, from, to, {1, 1},
                                                        kernel, none, none);
            calls.add(dnnl::pooling_forward::primitive_desc(operation, userScratchpad(), cpu()),
                      {{DNNL_ARG_SRC, from, Place::input}, {DNNL_ARG_DST, to, Place::output}});
        });
    }

private:
    // Two spatial dimensions, which oneDNN's kernels are made for: the first as it is, the others as one.
    static Tensor image(const Tensor& t) {
        if (t.rank() < 2) throw declined("needs batch and channels");
        return {{t.dim(0), t.dim(1), t.rank() > 2 ? t.dim(2) : 1, t.product(3, t.rank())}, t.type, t.layout};
    }
};

}  // namespace tenon::onednn

TENON_OPERATORS(global_pool, tenon::onednn::GlobalPool<tenon::onednn::GlobalAverageOf>,
                tenon::onednn::GlobalPool<tenon::onednn::GlobalMaxOf>)
