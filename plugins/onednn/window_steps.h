// Sliding windows: the attributes and shape rule that convolution and pooling share, and their numbers in oneDNN's terms.
#pragma once

#include "memory.h"

namespace tenon::onednn {

// kernel_shape, strides, dilations, pads and auto_pad of ONNX; an empty list stands for its default.
struct Window {
    std::vector<std::int64_t> kernelShape, strides, dilations, pads;
    std::string autoPad = "NOTSET";
    bool ceilMode = false;

    // Attributes that all operators with windows have; pooling adds ceil_mode.
    static constexpr auto windowAttributes() {
        using sdk::attr;
        return std::tuple{
            attr(1, "auto_pad", &Window::autoPad, "who chooses the padding").oneOf("NOTSET|SAME_UPPER|SAME_LOWER|VALID"),
            attr(2, "dilations", &Window::dilations, "steps inside the window; default ones"),
            attr(3, "kernel_shape", &Window::kernelShape, "extents of the window"),
            attr(4, "pads", &Window::pads, "padding at all beginnings, then all ends; default zeros"),
            attr(5, "strides", &Window::strides, "steps of the window; default ones")};
    }

    std::int64_t stride(std::size_t i) const { return i < strides.size() ? strides[i] : 1; }
    std::int64_t dilation(std::size_t i) const { return i < dilations.size() ? dilations[i] : 1; }
    std::int64_t pad(std::size_t i) const { return autoPad == "NOTSET" && i < pads.size() ? pads[i] : 0; }

    // (N, channels, windows along each spatial dimension) of an input x.
    sdk::Shape slide(const sdk::Shape& x, const sdk::Dim& channels, const std::vector<sdk::Dim>& kernel) const {
        if (x.rank() < 3 || static_cast<std::size_t>(x.rank()) != kernel.size() + 2)
            throw sdk::Error("the window has " + std::to_string(kernel.size()) + " dimensions, the input has rank " +
                             std::to_string(x.rank()));
        checkSpatial(kernel.size());
        sdk::Shape y{x[0], channels};
        for (std::size_t i = 0; i < kernel.size(); ++i)
            y.append(windows(i, kernel.size(), x[static_cast<int>(i) + 2], kernel[i]));
        return y;
    }

private:
    // The attributes against the number of spatial dimensions.
    void checkSpatial(std::size_t spatial) const {
        const auto list = [&](const char* name, const std::vector<std::int64_t>& values, std::size_t count, std::int64_t least) {
            if (!values.empty() && values.size() != count)
                throw sdk::Error(std::string("attribute '") + name + "' must have " + std::to_string(count) +
                                 " elements, found " + std::to_string(values.size()));
            for (const std::int64_t v : values)
                if (v < least || v > INT32_MAX)
                    throw sdk::Error(std::string("attribute '") + name + "' has " + std::to_string(v));
        };
        list("kernel_shape", kernelShape, spatial, 1);
        list("strides", strides, spatial, 1);
        list("dilations", dilations, spatial, 1);
        list("pads", pads, 2 * spatial, 0);
    }

    sdk::Dim windows(std::size_t i, std::size_t spatial, const sdk::Dim& x, const sdk::Dim& kernel) const {
        const std::int64_t s = stride(i);
        if (autoPad.starts_with("SAME")) return ceilDiv(x, s);
        const sdk::Dim reach = (kernel - 1) * dilation(i) + 1, padded = x + pad(i) + pad(i + spatial);
        if (reach.isConstant() && padded.isConstant() && padded.value() < reach.value())
            throw sdk::Error("a window of extent " + std::to_string(reach.value()) + " does not fit into " +
                             std::to_string(padded.value()));
        if (!ceilMode) return floorDiv(padded - reach, s) + 1;
        return min(ceilDiv(padded - reach, s) + 1,
                   ceilDiv(x + pad(i), s));  // the last window starts in x or in the padding before it
    }
};

struct Steps {
    memory::dims kernel, strides, dilations, begin, end;  // per spatial dimension; oneDNN's dilation 0 is ONNX's 1
};

// The padding at the end is what makes the windows of y fit exactly; it is negative where the last elements of x are not used.
inline Steps windowSteps(const Window& window, const memory::dims& kernel, const Tensor& x, const Tensor& y) {
    Steps s;
    for (std::size_t i = 0; i < kernel.size(); ++i) {
        const std::int64_t stride = window.stride(i), dilation = window.dilation(i), in = x.dims[i + 2], out = y.dims[i + 2];
        if (std::max({kernel[i], in, out}) > INT32_MAX) throw sdk::declined("oneDNN's images have extents below 2^31");
        const std::int64_t total = (out - 1) * stride + (kernel[i] - 1) * dilation + 1 - in;
        const std::int64_t same = std::max<std::int64_t>(total, 0);
        std::int64_t begin = window.pad(i);
        if (window.autoPad == "SAME_UPPER") begin = same / 2;
        if (window.autoPad == "SAME_LOWER") begin = same - same / 2;
        s.kernel.push_back(kernel[i]);
        s.strides.push_back(stride);
        s.dilations.push_back(dilation - 1);
        s.begin.push_back(begin);
        s.end.push_back(total - begin);
    }
    return s;
}

}  // namespace tenon::onednn
