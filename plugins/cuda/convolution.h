// Conv's attributes and shape rule (ONNX opset 1 and later).
#pragma once

#include "window.h"

namespace tenon::cuda {

struct Convolution : Window {
    std::int64_t group = 1;

    static constexpr auto attributes() {
        return std::tuple_cat(windowAttributes(), std::tuple{sdk::attr(6, "group", &Convolution::group, "groups of channels").range(1, 1 << 30)});
    }

    void infer(sdk::Shapes x, sdk::Shapes y) const {
        using sdk::Error;
        const int spatial = x[0].rank() - 2;
        if (spatial < 1) throw Error("the input must have rank 3 at least, found " + std::to_string(x[0].rank()));
        if (x[1].rank() != x[0].rank())
            throw Error("weights of rank " + std::to_string(x[1].rank()) + " for an input of rank " + std::to_string(x[0].rank()));
        checkSpatial(spatial);
        checkChannels(x[0][1], x[1][0], x[1][1]);
        if (x.has(2) && x[2].rank() != 1) throw Error("bias must have rank 1, found " + std::to_string(x[2].rank()));
        sdk::Shape out{x[0][0], x[1][0]};
        for (int i = 0; i < spatial; ++i) {
            if (!kernelShape.empty() && x[1][i + 2].isConstant() && !x[1][i + 2].is(kernelShape[static_cast<std::size_t>(i)]))
                throw Error("attribute 'kernel_shape' differs from the weights' shape");
            out.append(windows(i, spatial, x[0][i + 2], x[1][i + 2], false));
        }
        y[0] = out;
    }

    // The spatial axes of a layer whose dims are these.
    std::vector<WindowAxis> axesOf(const abi::Dims& x, const abi::Dims& w, const abi::Dims& y) const {
        std::vector<WindowAxis> axes;
        for (int i = 2; i < x.rank; ++i) axes.push_back(axis(i - 2, x.rank - 2, x.d[i], y.d[i], w.d[i]));
        return axes;
    }

    sdk::Cost cost(const sdk::Layer& l) const {
        const auto count = [](const abi::Dims& d) { return static_cast<double>(sdk::elementCount(d)); };
        const abi::Dims &x = l.inputRange(0).opt, &w = l.inputRange(1).opt, &y = l.outputRange(0).opt;
        const double perOutput = w.d[0] == 0 ? 0 : count(w) / static_cast<double>(w.d[0]);
        return {2 * count(y) * perOutput, (count(x) + count(w) + count(y)) * elementBytes(l.input(0).type)};
    }

private:
    void checkChannels(const sdk::Dim& channels, const sdk::Dim& outputs, const sdk::Dim& perGroup) const {
        if (channels.isConstant() && perGroup.isConstant() && channels.value() != perGroup.value() * group)
            throw sdk::Error("the input has " + std::to_string(channels.value()) + " channels, the weights are for " + std::to_string(group) +
                             " groups of " + std::to_string(perGroup.value()));
        if (outputs.isConstant() && outputs.value() % group != 0)
            throw sdk::Error(std::to_string(outputs.value()) + " output channels do not divide into " + std::to_string(group) + " groups");
    }
};

}  // namespace tenon::cuda
