// The window of a convolution or pooling layer in oneDNN's terms.
#pragma once

#include "../reference/window.h"
#include "memory.h"

namespace tenon::onednn {

struct Steps {
    memory::dims kernel, strides, dilations, begin, end;  // per spatial dimension; oneDNN's dilation 0 is ONNX's 1
};

// The padding at the end is what makes the windows of y fit exactly; it is negative where the last elements of x are not used.
inline Steps windowSteps(const reference::WindowAttributes& window, const memory::dims& kernel, const Tensor& x, const Tensor& y) {
    constexpr std::int64_t kMost = INT32_MAX;
    const auto at = [&](const std::vector<std::int64_t>& list, std::size_t i, std::int64_t otherwise) { return i < list.size() ? list[i] : otherwise; };
    Steps s;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        const std::int64_t stride = at(window.strides, i, 1), dilation = at(window.dilations, i, 1);
        const std::int64_t in = x.dims[i + 2], out = y.dims[i + 2];
        if (stride < 1 || dilation < 1 || kernel[i] < 1 || std::max({stride, dilation, kernel[i], in, out}) > kMost)
            throw sdk::declined("oneDNN's windows and images have extents from 1 to 2147483647");
        const std::int64_t total = (out - 1) * stride + (kernel[i] - 1) * dilation + 1 - in;
        const std::int64_t same = std::max<std::int64_t>(total, 0);
        std::int64_t begin = 0;
        if (window.autoPad == "NOTSET") begin = at(window.pads, i, 0);
        else if (window.autoPad == "SAME_UPPER") begin = same / 2;
        else if (window.autoPad == "SAME_LOWER") begin = same - same / 2;
        if (begin < 0) throw sdk::declined("oneDNN has no negative padding");
        s.kernel.push_back(kernel[i]);
        s.strides.push_back(stride);
        s.dilations.push_back(dilation - 1);
        s.begin.push_back(begin);
        s.end.push_back(total - begin);
    }
    return s;
}

}  // namespace tenon::onednn
