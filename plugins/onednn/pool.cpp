// y = maximum or mean of each window (ONNX MaxPool opset 8 and later, AveragePool opset 7 and later).
#include "kernel.h"
#include "layouts.h"
#include "window_steps.h"

namespace tenon::onednn {
using namespace sdk;
using dnnl::algorithm;

// Pooling of one input by the window's steps.
inline void addPooling(algorithm kind, const Tensor& x, const Tensor& y, const Steps& s, Calls& calls) {
    const memory::desc from = descOf(x), to = descOf(y);
    const std::vector<Operand> operands{{DNNL_ARG_SRC, from, Place::input}, {DNNL_ARG_DST, to, Place::output}};
    constexpr auto kInference = dnnl::prop_kind::forward_inference;
    if (std::ranges::all_of(s.dilations, [](std::int64_t d) { return d == 0; })) {
        const dnnl::pooling_forward::desc operation(kInference, kind, from, to, s.strides, s.kernel, s.begin, s.end);
        calls.add(dnnl::pooling_forward::primitive_desc(operation, userScratchpad(), cpu()), operands);
    } else {
        const dnnl::pooling_v2_forward::desc operation(kInference, kind, from, to, s.strides, s.kernel, s.dilations, s.begin, s.end);
        calls.add(dnnl::pooling_v2_forward::primitive_desc(operation, userScratchpad(), cpu()), operands);
    }
}

}  // namespace tenon::onednn
