// Sliding windows: the attributes and the shape rule that convolution and pooling share, and their numbers for one shape.
#pragma once

#include "cuda_op.h"
#include "kernels/pool.h"

namespace tenon::cuda {

// What one window does along one spatial axis.
struct WindowAxis {
    std::int64_t in, out, kernel, stride, dilation, padBegin, padEnd;
};

// ONNX's attributes; an empty list stands for its default.
struct Window {
    std::vector<std::int64_t> kernelShape, strides, dilations, pads;
    std::string autoPad = "NOTSET";

    static constexpr auto windowAttributes() {
        using sdk::attr;
        return std::tuple{attr(1, "auto_pad", &Window::autoPad, "who chooses the padding").oneOf("NOTSET|SAME_UPPER|SAME_LOWER|VALID"),
                          attr(2, "dilations", &Window::dilations, "steps inside the window; default ones"),
                          attr(3, "kernel_shape", &Window::kernelShape, "extents of the window"),
                          attr(4, "pads", &Window::pads, "padding at all beginnings, then all ends; default zeros"),
                          attr(5, "strides", &Window::strides, "steps of the window; default ones")};
    }

    // The attributes against the number of spatial axes.
    void checkSpatial(int spatial) const {
        const auto list = [&](const char* name, const std::vector<std::int64_t>& values, int count, std::int64_t least) {
            if (!values.empty() && values.size() != static_cast<std::size_t>(count))
                throw sdk::Error(std::string("attribute '") + name + "' must have " + std::to_string(count) + " elements, found " +
                                 std::to_string(values.size()));
            for (const std::int64_t v : values)
                if (v < least || v > INT32_MAX)
                    throw sdk::Error(std::string("attribute '") + name + "' has the entry " + std::to_string(v));
        };
        list("kernel_shape", kernelShape, spatial, 1);
        list("strides", strides, spatial, 1);
        list("dilations", dilations, spatial, 1);
        list("pads", pads, 2 * spatial, 0);
    }

    // Number of windows along spatial axis i of `spatial`, over extent x.
    sdk::Dim windows(int i, int spatial, const sdk::Dim& x, const sdk::Dim& kernel, bool ceilMode) const {
        using sdk::Dim;
        const std::int64_t stride = at(strides, i, 1);
        if (autoPad.starts_with("SAME")) return ceilDiv(x, stride);
        const std::int64_t begin = pad(i), end = pad(i + spatial);
        const Dim reach = (kernel - 1) * at(dilations, i, 1) + 1, padded = x + begin + end;
        if (reach.isConstant() && padded.isConstant() && padded.value() < reach.value())
            throw sdk::Error("a window of extent " + std::to_string(reach.value()) + " does not fit into " + std::to_string(padded.value()));
        if (!ceilMode) return floorDiv(padded - reach, stride) + 1;
        return min(ceilDiv(padded - reach, stride) + 1, ceilDiv(x + begin, stride));  // the last window starts before the end of x
    }

    // Spatial axis i of x and y, whose extents are known.
    WindowAxis axis(int i, int spatial, std::int64_t in, std::int64_t out, std::int64_t kernel) const {
        const std::int64_t stride = at(strides, i, 1), dilation = at(dilations, i, 1);
        const std::int64_t total = std::max<std::int64_t>(0, (out - 1) * stride + (kernel - 1) * dilation + 1 - in);
        std::int64_t begin = pad(i), end = pad(i + spatial);
        if (autoPad == "SAME_UPPER") begin = total / 2;
        if (autoPad == "SAME_LOWER") begin = total - total / 2;
        if (autoPad.starts_with("SAME")) end = total - begin;
        return {in, out, kernel, stride, dilation, begin, end};
    }

private:
    static std::int64_t at(const std::vector<std::int64_t>& values, int i, std::int64_t otherwise) {
        return values.empty() ? otherwise : values.at(static_cast<std::size_t>(i));
    }
    std::int64_t pad(int i) const { return autoPad == "NOTSET" ? at(pads, i, 0) : 0; }
};

// The axes as kernels want them: last axes last, the rest with extent 1. At most kSpatial axes.
inline PoolShape poolShape(const abi::TensorDesc& x, std::int64_t channels, const std::vector<WindowAxis>& axes) {
    PoolShape s{};
    s.batch = x.dims.d[0];
    s.channels = channels;
    s.channelsLast = x.layout == abi::Layout::channelsLast;
    const std::size_t skipped = kSpatial - axes.size();
    for (std::size_t d = 0; d < kSpatial; ++d) {
        const WindowAxis a = d < skipped ? WindowAxis{1, 1, 1, 1, 1, 0, 0} : axes[d - skipped];
        s.in[d] = a.in;
        s.out[d] = a.out;
        s.kernel[d] = a.kernel;
        s.stride[d] = a.stride;
        s.dilation[d] = a.dilation;
        s.padBegin[d] = a.padBegin;
        s.padEnd[d] = a.padEnd;
    }
    return s;
}

}  // namespace tenon::cuda
