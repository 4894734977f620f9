// y = b + sum over window and channels of x w, with groups, strides, dilations and padding (ONNX Conv opset 1 and later).
#include "../reference/convolution.h"
#include "layouts.h"
#include "weighted_kernel.h"
#include "window_steps.h"

namespace tenon::onednn {
using namespace sdk;
using dnnl::algorithm;

constexpr Slot kConvType = var('T', f32 | bf16);
constexpr Row convRow(Layout from, Layout to) {
    return row(in(kConvType.as(from), kConvType, optional(kConvType)), out(kConvType.as(to)));
}

struct Conv : reference::ConvolutionAttributes, WeightedKernel<Conv> {
    static constexpr Identity identity{.name = "Conv", .since = 1};
    static constexpr auto formats =
        rows(convRow(Layout::linear, Layout::linear), convRow(Layout::channelsLast, Layout::channelsLast),
             convRow(Layout::blocked8, Layout::blocked8), convRow(Layout::blocked16, Layout::blocked16),
             convRow(Layout::linear, Layout::blocked8), convRow(Layout::linear, Layout::blocked16));
    static constexpr auto attributes() { return convolutionAttributes(); }
    static constexpr std::array kWays{
        Way{"direct", algorithm::convolution_direct, "jit"}, Way{"brgemm", algorithm::convolution_direct, "br"},
        Way{"gemm", algorithm::convolution_direct, "gemm"}, Way{"winograd", algorithm::convolution_winograd, ""}};
    using Primitive = dnnl::convolution_forward;

    // A change from linear to blocks is for the first layer of a network, whose image has few channels. bfloat16 only where the
    // processor multiplies it.
    bool accepts(int pos, std::span<const abi::TensorDesc> inOut, int inputCount) const {
        if (inOut[0].type == DataType::bf16 && !hasBf16()) return false;
        const abi::TensorDesc& t = inOut[static_cast<std::size_t>(pos)];
        if (pos < inputCount || t.layout == inOut[0].layout) return true;
        const abi::Dims& x = inOut[0].dims;
        return group == 1 && x.rank >= 3 && x.d[1] > 0 && x.d[1] < blockOf(t.layout);
    }

    void infer(Shapes x, Shapes y) const {
        y[0] = convolved(x[0], x[1]);
        if (x.has(2)) checkBias(x[2], x[1][0]);
    }

    memory::desc plainWeights(const Instance& at) const { return linearDesc(weightDims(at), dnnlType(at.input(1).type)); }
    Primitive::desc describe(const Instance& at, const Way& way, const memory::desc* weights) const {
        const auto type = dnnlType(at.input(1).type);
        const memory::desc any(weightDims(at), type, memory::format_tag::any);
        const memory::desc bias = at.hasInput(2) ? linearDesc(at.input(2).dims, type) : memory::desc();
        const Steps steps = stepsOf(at);
        return {dnnl::prop_kind::forward_inference,
                way.algorithm,
                descOf(at.input(0)),
                weights != nullptr ? *weights : any,
                bias,
                descOf(at.output()),
                steps.strides,
                steps.dilations,
                steps.begin,
                steps.end};
    }
    static dnnl::primitive_attr settings(const Instance&) { return userScratchpad(); }
    std::vector<Operand> operands(const Instance& at, const Primitive::primitive_desc& pd) const {
        std::vector<Operand> list{{DNNL_ARG_SRC, pd.src_desc(), Place::input}, {DNNL_ARG_DST, pd.dst_desc(), Place::output}};
        if (at.hasInput(2)) list.push_back({DNNL_ARG_BIAS, pd.bias_desc(), Place::input, 2});
        return list;
    }

private:
    static bool hasBf16() {
        constexpr int kBf16Bit = 0x80;  // what dnnl_cpu_isa_avx512_core_bf16 adds to avx512_core_vnni
        return (static_cast<int>(dnnl::get_effective_cpu_isa()) & kBf16Bit) != 0;
    }
    // oneDNN gives the groups a dimension of their own.
    memory::dims weightDims(const Instance& at) const {
        memory::dims dims = at.input(1).dims;
        if (group <= 1) return dims;
        dims[0] /= group;
        dims.insert(dims.begin(), group);
        return dims;
    }
    Steps stepsOf(const Instance& at) const {
        const memory::dims& w = at.input(1).dims;
        return windowSteps(*this, {w.begin() + 2, w.end()}, at.input(0), at.output());
    }
};

}  // namespace tenon::onednn

TENON_OPERATORS(conv, tenon::onednn::Conv)
