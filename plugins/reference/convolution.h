// What the convolutions share: attributes, shape rule, cost, and the operands of the product that a convolution is. Rows are
// output channels, columns output positions, the depth runs over input channels and window elements.
#pragma once

#include "product.h"
#include "window.h"

namespace tenon::reference {

// The channels of a layer with dims (N, C, spatial...).
struct ConvolutionSize {
    std::int64_t batches, groups, channels, outputs, positions, window;  // channels and outputs: of one group
    std::int64_t inputs;                                                 // elements of one channel of x

    ProductSize product() const { return {batches * groups, outputs, positions, channels * window}; }
    std::int64_t channel(std::int64_t batch, std::int64_t m) const { return batch % groups * outputs + m; }
    std::int64_t outputOffset(std::int64_t batch, std::int64_t m, std::int64_t n) const {
        return (batch * outputs + m) * positions + n;
    }
};

// Offsets in one channel of x of the elements that the windows in `columns` have in common.
class WindowOffsets {
public:
    WindowOffsets(const Windows& w, Range columns) : windows_(&w), count_(columns.size()) {
        std::int64_t outputs = 1;
        for (int d = w.rank; d-- > 0; outputs *= w[d].out)
            for (std::int64_t n = 0; n < count_; ++n)
                coordinate_[d][n] = (columns.begin + n) / outputs % w[d].out;
    }
    // Of element k of each window; -1 on padding. `source(axis, o, k)` is the index along one axis, or anything outside
    // [0, axis.in).
    template <class Source>
    void find(std::int64_t k, Source&& source, std::int64_t* offsets) const {
        std::fill_n(offsets, count_, 0);
        std::int64_t step = 1;
        for (int d = windows_->rank; d-- > 0;) {
            const WindowAxis& a = (*windows_)[d];
            const std::int64_t element = k % a.kernel;
            k /= a.kernel;
            for (std::int64_t n = 0; n < count_; ++n) {
                const std::int64_t at = source(a, coordinate_[d][n], element);
                offsets[n] = offsets[n] < 0 || at < 0 || at >= a.in ? -1 : offsets[n] + at * step;
            }
            step *= a.in;
        }
    }

private:
    const Windows* windows_;
    std::int64_t count_;
    std::int64_t coordinate_[kMaxSpatial][kTileColumns];
};

// Packs the windows `columns` of the channels at x, for depths channel * window + element; read(value) gives the number of an
// element, and padding counts 0.
template <class E, class S, class Source, class Read>
void packWindows(const E* x, const Windows& w, const ConvolutionSize& size, Range columns, Range depths, Source&& source,
                 Read&& read, ColumnPanel<S>& panel) {
    const WindowOffsets shared(w, columns);
    std::int64_t offsets[kTileColumns];
    for (std::int64_t k = 0; k < size.window; ++k) {
        const std::int64_t first = (depths.begin - k + size.window - 1) / size.window;  // channel
        if (first * size.window + k >= depths.end) continue;
        shared.find(k, source, offsets);
        for (std::int64_t c = first; c * size.window + k < depths.end; ++c) {
            const E* channel = x + c * size.inputs;
            for (std::int64_t n = 0; n < columns.size(); ++n)
                panel.set(n, c * size.window + k - depths.begin, offsets[n] < 0 ? S(0) : S(read(channel[offsets[n]])));
        }
    }
}

struct ConvolutionAttributes : WindowAttributes {
    std::int64_t group = 1;

    static constexpr auto convolutionAttributes() {
        return std::tuple_cat(
            windowAttributes(),
            std::tuple{
                sdk::attr(6, "group", &ConvolutionAttributes::group, "blocks of channels that do not mix").range(1, INT32_MAX)});
    }

    // y of x convolved with weights (M, C / group, window...).
    sdk::Shape convolved(const sdk::Shape& x, const sdk::Shape& w) const {
        using std::to_string;
        if (x.rank() < 3) throw sdk::Error("the input must have rank 3 or more, found " + to_string(x.rank()));
        if (w.rank() != x.rank())
            throw sdk::Error("weights of rank " + to_string(w.rank()) + " for an input of rank " + to_string(x.rank()));
        if (x[1].isConstant() && w[1].isConstant() && !(w[1] * group).same(x[1]))
            throw sdk::Error("the input has " + to_string(x[1].value()) + " channels, the weights are for " + to_string(group) +
                             " groups of " + to_string(w[1].value()));
        if (w[0].isConstant() && w[0].value() % group != 0)
            throw sdk::Error(to_string(w[0].value()) + " output channels do not divide into " + to_string(group) + " groups");
        return slide(x, w[0], kernelOf(w));
    }
    // The window's extents, as the weights give them.
    std::vector<sdk::Dim> kernelOf(const sdk::Shape& w) const {
        checkLists(w.rank() - 2);
        std::vector<sdk::Dim> kernel;
        for (int i = 2; i < w.rank(); ++i) {
            kernel.push_back(w[i]);
            if (!w[i].isConstant()) continue;
            if (w[i].value() < 1) throw sdk::Error("the window's extents must be 1 or more");
            if (!kernelShape.empty() && !w[i].is(kernelShape[static_cast<std::size_t>(i - 2)]))
                throw sdk::Error("attribute 'kernel_shape' differs from the dims of the weights");
        }
        return kernel;
    }
    static void checkBias(const sdk::Shape& bias, const sdk::Dim& channels) {
        if (bias.rank() != 1) throw sdk::Error("the bias must have rank 1, found " + std::to_string(bias.rank()));
        if (bias[0].isConstant() && channels.isConstant() && !bias[0].same(channels))
            throw sdk::Error("the bias has " + std::to_string(bias[0].value()) + " elements for " +
                             std::to_string(channels.value()) + " output channels");
    }

    Windows windowsOf(const abi::TensorDesc& x, const abi::TensorDesc& w, const abi::TensorDesc& y) const {
        return WindowAttributes::windowsOf(sdk::dimsOf(x), sdk::dimsOf(y), sdk::dimsOf(w).subspan(2));
    }
    ConvolutionSize sizeOf(const abi::TensorDesc& w, const abi::TensorDesc& y, const Windows& windows) const {
        return {y.dims.d[0], group, w.dims.d[1], w.dims.d[0] / group, windows.outputs(), windows.elements(), windows.inputs()};
    }

    // Calls store(batch, m, n, sum) for every element of y: batch counts groups within images. readX and readW(m, element)
    // give the numbers to multiply.
    template <class S, class X, class W, class ReadX, class ReadW, class Store>
    void convolve(const X* x, const W* weights, const Windows& windows, const ConvolutionSize& size, ReadX&& readX, ReadW&& readW,
                  Store&& store) const {
        const std::int64_t depth = size.channels * size.window;
        forProducts<S>(
            size.product(),
            [&](std::int64_t batch, Range rows, Range depths, RowPanel<S>& panel) {
                for (std::int64_t m = rows.begin; m < rows.end; ++m) {
                    const std::int64_t channel = size.channel(batch, m);
                    for (std::int64_t k = depths.begin; k < depths.end; ++k)
                        panel.set(m - rows.begin, k - depths.begin, S(readW(channel, weights[channel * depth + k])));
                }
            },
            [&](std::int64_t batch, Range columns, Range depths, ColumnPanel<S>& panel) {
                packWindows(
                    x + batch * size.channels * size.inputs, windows, size, columns, depths,
                    [](const WindowAxis& a, std::int64_t o, std::int64_t k) { return a.source(o, k); }, readX, panel);
            },
            store);
    }

    // Multiplications and additions, and every tensor once, at the profile's opt shapes.
    sdk::Cost cost(const sdk::Layer& l) const {
        const auto count = [](const abi::DynamicTensorDesc& d) { return static_cast<double>(sdk::elementCount(d.opt)); };
        const auto bytes = [&](const abi::DynamicTensorDesc& d) { return count(d) * sdk::elementBits(d.desc.type) / 8; };
        const abi::DynamicTensorDesc &x = l.inputRange(0), &w = l.inputRange(weightsInput(l)), &y = l.outputRange(0);
        const auto outputs = static_cast<double>(std::max<std::int64_t>(1, w.opt.d[0]));
        return {2 * count(y) * count(w) / outputs, bytes(x) + bytes(w) + bytes(y)};
    }

private:
    // QLinearConv has the scale and zero point of x before the weights.
    static int weightsInput(const sdk::Layer& l) { return l.inputCount() > 4 ? 3 : 1; }
};

}  // namespace tenon::reference
