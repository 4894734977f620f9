// The windows of a convolution or pooling layer in oneDNN's terms.
#pragma once

#include "../reference/window.h"
#include "memory.h"

namespace tenon::onednn {

struct Steps {
    memory::dims kernel, strides, dilations, begin, end;  // per spatial dimension; oneDNN's dilation 0 is ONNX's 1
    memory::dims padding;                                 // ONNX's at the end, which windows need not reach, or may pass
};

// The padding at the end is what makes the windows of y fit exactly; it is negative where the last elements of x are not used.
inline Steps windowSteps(const reference::WindowAttributes& window, const memory::dims& kernel, const Tensor& x,
                         const Tensor& y) {
    Steps s;
    for (const reference::WindowAxis& axis : window.windowsOf(x.dims, y.dims, kernel)) {
        if (std::max({axis.kernel, axis.in, axis.out}) > INT32_MAX)
            throw sdk::declined("oneDNN's images have extents below 2^31");
        s.kernel.push_back(axis.kernel);
        s.strides.push_back(axis.stride);
        s.dilations.push_back(axis.dilation - 1);
        s.begin.push_back(axis.padBegin);
        s.end.push_back((axis.out - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1 - axis.in - axis.padBegin);
        s.padding.push_back(axis.padEnd);
    }
    return s;
}

}  // namespace tenon::onednn
