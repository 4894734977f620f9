// y = b + sum over window and channels of w x, where element k of the window at i of x adds to o = i stride + k dilation -
// padding of y (ONNX ConvTranspose opset 1 and later). Each y collects the few x that reach it.
#include "convolution.h"

namespace tenon::reference {
using namespace sdk;

struct ConvTranspose : ConvolutionAttributes {
    std::vector<std::int64_t> outputPadding, outputShape;
    static constexpr Identity identity{.name = "ConvTranspose", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, T, optional(T)), out(T)));
    static constexpr auto attributes() {
        return std::tuple_cat(
            convolutionAttributes(),
            std::tuple{attr(7, "output_padding", &ConvTranspose::outputPadding, "added at the ends of y; default zeros"),
                       attr(8, "output_shape", &ConvTranspose::outputShape, "spatial dims of y, which then choose the padding")});
    }
    void infer(Shapes x, Shapes y) const {
        using std::to_string;
        const Shape &in = x[0], &w = x[1];
        const int spatial = in.rank() - 2;
        if (spatial < 1) throw Error("the input must have rank 3 or more, found " + to_string(in.rank()));
        if (w.rank() != in.rank())
            throw Error("weights of rank " + to_string(w.rank()) + " for an input of rank " + to_string(in.rank()));
        if (in[1].isConstant() && w[0].isConstant() && !in[1].same(w[0]))
            throw Error("the input has " + to_string(in[1].value()) + " channels, the weights are for " +
                        to_string(w[0].value()));
        if (in[1].isConstant() && in[1].value() % group != 0)
            throw Error(to_string(in[1].value()) + " channels do not divide into " + to_string(group) + " groups");
        checkOutputs(spatial);
        const std::vector<Dim> kernel = kernelOf(w);
        Shape out{in[0], w[1] * group};
        for (int i = 0; i < spatial; ++i)
            out.append(extent(i, spatial, in[i + 2], kernel[static_cast<std::size_t>(i)]));
        y[0] = out;
        if (x.has(2)) checkBias(x[2], out[1]);
    }
    void run(const Launch& l) const {
        const Windows windows = transposed(l.inputDesc(0), l.inputDesc(1), l.outputDesc(0));
        const abi::Dims& w = l.inputDesc(1).dims;
        const ConvolutionSize size{l.inputDesc(0).dims.d[0], group,           w.d[0] / group, w.d[1], windows.outputs(),
                                   windows.elements(),       windows.inputs()};
        dispatch<floats>(l.outputType(0), [&]<class E>() { collect<E>(l, windows, size); });
    }
    Cost cost(const Layer& l) const {
        const auto count = [](const abi::DynamicTensorDesc& d) { return static_cast<double>(elementCount(d.opt)); };
        const abi::DynamicTensorDesc &x = l.inputRange(0), &w = l.inputRange(1), &y = l.outputRange(0);
        const auto channels = static_cast<double>(std::max<std::int64_t>(1, w.opt.d[0]));
        return {2 * count(x) * count(w) / channels, (count(x) + count(w) + count(y)) * elementBits(x.desc.type) / 8};
    }

private:
    void checkOutputs(int spatial) const {
        checkList("output_padding", outputPadding, spatial, 0);
        const bool withChannels = outputShape.size() == static_cast<std::size_t>(spatial) + 2;
        checkList("output_shape", outputShape, withChannels ? spatial + 2 : spatial, 0);
    }
    std::int64_t addedAt(int i) const { return outputPadding.empty() ? 0 : outputPadding[static_cast<std::size_t>(i)]; }
    // Extent of y without any padding taken off.
    template <class D>
    D fullExtent(int i, const D& x, const D& kernel) const {
        return (x - 1) * stride(i) + (kernel - 1) * dilation(i) + 1 + addedAt(i);
    }
    Dim extent(int i, int spatial, const Dim& x, const Dim& kernel) const {
        if (!outputShape.empty()) return outputShape[outputShape.size() - static_cast<std::size_t>(spatial - i)];
        if (padsToSame()) return x * stride(i);
        const Dim y = fullExtent(i, x, kernel) - explicitPad(i) - explicitPad(i + spatial);
        if (y.isConstant() && y.value() < 0)
            throw Error("the padding takes off more than all of spatial dimension " + std::to_string(i));
        return y;
    }
    Windows transposed(const abi::TensorDesc& x, const abi::TensorDesc& w, const abi::TensorDesc& y) const {
        Windows windows = windowsOf(x, w, y);
        for (int i = 0; i < windows.rank; ++i) {
            WindowAxis& a = windows.axis[static_cast<std::size_t>(i)];
            if (outputShape.empty() && !padsToSame()) continue;
            const std::int64_t total = std::max<std::int64_t>(0, fullExtent(i, a.in, a.kernel) - a.out);
            a.padBegin = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
        }
        return windows;
    }
    template <class E>
    static void collect(const Launch& l, const Windows& windows, const ConvolutionSize& size) {
        using C = Compute<E>;
        const E *x = l.input<E>(0).data, *w = l.input<E>(1).data, *bias = l.hasInput(2) ? l.input<E>(2).data : nullptr;
        E* y = l.output<E>(0).data;
        const auto source = [](const WindowAxis& a, std::int64_t o, std::int64_t k) {
            const std::int64_t steps = o + a.padBegin - k * a.dilation;
            return steps < 0 || steps % a.stride != 0 ? -1 : steps / a.stride;
        };
        forProducts<double>(
            size.product(),
            [&](std::int64_t batch, Range rows, Range depths, RowPanel<double>& panel) {
                const std::int64_t first = batch % size.groups * size.channels;
                for (std::int64_t k = depths.begin; k < depths.end; ++k)
                    for (std::int64_t m = rows.begin; m < rows.end; ++m) {
                        const std::int64_t at = (first + k / size.window) * size.outputs + m;
                        panel.set(m - rows.begin, k - depths.begin, C(w[at * size.window + k % size.window]));
                    }
            },
            [&](std::int64_t batch, Range columns, Range depths, ColumnPanel<double>& panel) {
                packWindows(
                    x + batch * size.channels * size.inputs, windows, size, columns, depths, source, [](E v) { return C(v); },
                    panel);
            },
            [&](std::int64_t batch, std::int64_t m, std::int64_t n, double sum) {
                if (bias != nullptr) sum += C(bias[size.channel(batch, m)]);
                y[size.outputOffset(batch, m, n)] = elementFrom<E>(sum);
            });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(conv_transpose, tenon::reference::ConvTranspose)
