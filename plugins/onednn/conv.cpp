// y = b + sum over window and channels of x w, with groups, strides, dilations and padding (ONNX Conv opset 1 and later).
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

struct Conv : Window, WeightedKernel<Conv> {
    std::int64_t group = 1;
    static constexpr Identity identity{.name = "Conv", .since = 1};
    static constexpr auto formats =
        rows(convRow(Layout::linear, Layout::linear), convRow(Layout::channelsLast, Layout::channelsLast),
             convRow(Layout::blocked8, Layout::blocked8), convRow(Layout::blocked16, Layout::blocked16),
             convRow(Layout::linear, Layout::blocked8), convRow(Layout::linear, Layout::blocked16));
    static constexpr auto attributes() {
        return std::tuple_cat(windowAttributes(),
                              std::tuple{attr(6, "group", &Conv::group, "blocks of channels that do not mix").range(1, 1 << 30)});
    }
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
        const Shape& w = x[1];
        std::vector<Dim> kernel;
        for (int i = 2; i < w.rank(); ++i)
            kernel.push_back(w[i]);
        y[0] = slide(x[0], w[0], kernel);
        const Dim channels = w[1] * group;
        if (channels.isConstant() && x[0][1].isConstant() && !channels.same(x[0][1]))
            throw Error("the weights are for " + std::to_string(channels.value()) + " channels, the input has " +
                        std::to_string(x[0][1].value()));
        if (w[0].isConstant() && w[0].value() % group != 0)
            throw Error(std::to_string(w[0].value()) + " output channels do not divide into " + std::to_string(group) +
                        " groups");
        for (std::size_t i = 0; i < kernelShape.size(); ++i)
            if (kernel[i].isConstant() && kernel[i].value() != kernelShape[i])
                throw Error("kernel_shape differs from the weights");
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
    Cost cost(const Layer& layer) const {
        const Instance at = instanceAt(layer, &abi::DynamicTensorDesc::opt);
        const Tensor &x = at.input(0), &w = at.input(1), &y = at.output();
        const auto outputs = static_cast<double>(y.elements());
        return {2.0 * outputs * static_cast<double>(w.product(1, w.rank())),
                static_cast<double>(elementBits(x.type)) / 8 *
                    (static_cast<double>(x.elements()) + static_cast<double>(w.elements()) + outputs)};
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
