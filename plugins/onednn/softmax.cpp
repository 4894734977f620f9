// y = exp(x) / sum(exp(x)) along one axis, or its logarithm (ONNX Softmax and LogSoftmax opset 13 and later).
#include "kernel.h"

namespace tenon::onednn {
using namespace sdk;

template <class Primitive>
struct SoftmaxLike : Kernel {
    static constexpr bool kIsLog = std::is_same_v<Primitive, dnnl::logsoftmax_forward>;
    std::int64_t axis = -1;
    static constexpr Identity identity{.name = kIsLog ? "LogSoftmax" : "Softmax", .since = 13};
    static constexpr auto formats = rows(row(f32, f32));
    static constexpr auto attributes() { return std::tuple{attr(1, "axis", &SoftmaxLike::axis, "dimension that sums to one")}; }
    static constexpr int alias = 0;

    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() > 0) static_cast<void>(x[0].axis(axis));
        y[0] = x[0].dims();
    }
    void configure(const Layer& layer) {
        prepare(layer, [&](const Instance& at, Calls& calls) {
            const Tensor& x = at.input(0);
            if (x.elements() == 0) return;
            const int middle = x.rank() == 0 ? 0 : static_cast<int>(axis < 0 ? axis + x.rank() : axis);
            if (middle < 0 || middle > x.rank()) throw Error("axis " + std::to_string(axis) + " is outside the rank");
            const std::int64_t length = x.rank() == 0 ? 1 : x.dim(middle), outer = x.product(0, middle);
            if (kIsLog && length == 1) throw declined("one element gives exactly 0, which oneDNN misses by 1e-6");
            const memory::desc desc = linearDesc({outer, length, x.elements() / (outer * length)}, memory::data_type::f32);
            const typename Primitive::desc operation(dnnl::prop_kind::forward_inference, desc, 1);
            const typename Primitive::primitive_desc pd(operation, userScratchpad(), cpu());
            calls.add(pd, {{DNNL_ARG_SRC, desc, Place::input}, {DNNL_ARG_DST, desc, Place::output}});
        });
    }
};

}  // namespace tenon::onednn

TENON_OPERATORS(softmax, tenon::onednn::SoftmaxLike<dnnl::softmax_forward>, tenon::onednn::SoftmaxLike<dnnl::logsoftmax_forward>)
