// Sliding windows: the attributes and the shape rule that convolution and pooling share, in any number of spatial dimensions.
// Operators inherit WindowAttributes and start their attribute list with windowAttributes(); other families may do the same.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

inline constexpr int kMaxSpatial = abi::kMaxRank - 2;

// What windows do along one spatial dimension of a concrete layer.
struct WindowAxis {
    std::int64_t in = 1, out = 1, kernel = 1, stride = 1, dilation = 1, padBegin = 0, padEnd = 0;

    // Input index that element k of window o lies on; outside [0, in) it lies on padding.
    std::int64_t source(std::int64_t o, std::int64_t k) const { return o * stride - padBegin + k * dilation; }
    // The elements of window o from firstInside(o) on and before endInside(o) lie on the input; none when end <= first.
    std::int64_t firstInside(std::int64_t o) const {
        const std::int64_t start = source(o, 0);
        return start >= 0 ? 0 : -sdk::floorDivide(start, dilation);
    }
    std::int64_t endInside(std::int64_t o) const {
        if (source(o, kernel - 1) < in) return kernel;
        return -sdk::floorDivide(source(o, 0) - in, dilation);
    }
    // Number of elements of window o that lie on the input or on its padding.
    std::int64_t countPadded(std::int64_t o) const {
        return std::clamp<std::int64_t>(-sdk::floorDivide(source(o, 0) - in - padEnd, dilation), 0, kernel);
    }
};

// The spatial dimensions of a concrete layer.
struct Windows {
    std::array<WindowAxis, kMaxSpatial> axis{};
    int rank = 0;

    std::int64_t inputs() const { return product(&WindowAxis::in); }        // elements of one channel of x
    std::int64_t outputs() const { return product(&WindowAxis::out); }      // and of y
    std::int64_t elements() const { return product(&WindowAxis::kernel); }  // of one window
    const WindowAxis* begin() const { return axis.data(); }
    const WindowAxis* end() const { return axis.data() + rank; }
    const WindowAxis& operator[](int i) const { return axis[static_cast<std::size_t>(i)]; }

private:
    std::int64_t product(std::int64_t WindowAxis::*extent) const {
        std::int64_t n = 1;
        for (const WindowAxis& a : *this)
            n *= a.*extent;
        return n;
    }
};

// ONNX's attributes; an empty list stands for its default.
struct WindowAttributes {
    std::vector<std::int64_t> kernelShape, strides, dilations, pads;
    std::string autoPad = "NOTSET";
    bool ceilMode = false;  // only pooling lists it

    // Ids 1 to 5; operators go on with 6.
    static constexpr auto windowAttributes() {
        using sdk::attr;
        return std::tuple{attr(1, "auto_pad", &WindowAttributes::autoPad, "who chooses the padding")
                              .oneOf("NOTSET|SAME_UPPER|SAME_LOWER|VALID"),
                          attr(2, "dilations", &WindowAttributes::dilations, "steps inside the window; default ones"),
                          attr(3, "kernel_shape", &WindowAttributes::kernelShape, "extents of the window"),
                          attr(4, "pads", &WindowAttributes::pads, "padding at all beginnings, then all ends; default zeros"),
                          attr(5, "strides", &WindowAttributes::strides, "steps of the window; default ones")};
    }

    std::int64_t stride(int i) const { return at(strides, i, 1); }
    std::int64_t dilation(int i) const { return at(dilations, i, 1); }
    bool padsToSame() const { return autoPad.starts_with("SAME"); }

    // The lists against the number of spatial dimensions.
    void checkLists(int spatial) const {
        checkList("kernel_shape", kernelShape, spatial, 1);
        checkList("strides", strides, spatial, 1);
        checkList("dilations", dilations, spatial, 1);
        checkList("pads", pads, 2 * spatial, 0);
    }

    // Number of windows along spatial dimension i of `spatial`, whose extent is x (ONNX, "Conv" and "MaxPool": output shape).
    sdk::Dim windows(int i, int spatial, const sdk::Dim& x, const sdk::Dim& kernel) const {
        const std::int64_t s = stride(i), begin = explicitPad(i), end = explicitPad(i + spatial);
        if (padsToSame()) return ceilDiv(x, s);
        const sdk::Dim reach = (kernel - 1) * dilation(i) + 1, padded = x + begin + end;
        if (reach.isConstant() && padded.isConstant() && padded.value() < reach.value())
            throw sdk::Error("a window of extent " + std::to_string(reach.value()) + " does not fit into " +
                             std::to_string(padded.value()));
        if (!ceilMode) return floorDiv(padded - reach, s) + 1;
        return min(ceilDiv(padded - reach, s) + 1, ceilDiv(x + begin, s));  // windows that start after the input do not count
    }

    // The dims (N, channels, windows...) of y, for windows of these extents over x.
    sdk::Shape slide(const sdk::Shape& x, const sdk::Dim& channels, const std::vector<sdk::Dim>& kernel) const {
        const auto spatial = static_cast<int>(kernel.size());
        if (spatial < 1 || x.rank() != spatial + 2)
            throw sdk::Error("windows of " + std::to_string(spatial) + " dimensions over an input of rank " +
                             std::to_string(x.rank()));
        checkLists(spatial);
        sdk::Shape y{x[0], channels};
        for (int i = 0; i < spatial; ++i)
            y.append(windows(i, spatial, x[i + 2], kernel[static_cast<std::size_t>(i)]));
        return y;
    }

    // Spatial dimension i of a concrete layer.
    WindowAxis axisOf(int i, int spatial, std::int64_t in, std::int64_t out, std::int64_t kernel) const {
        WindowAxis a{in, out, kernel, stride(i), dilation(i), explicitPad(i), explicitPad(i + spatial)};
        if (!padsToSame()) return a;
        const std::int64_t total = std::max<std::int64_t>(0, (out - 1) * a.stride + (kernel - 1) * a.dilation + 1 - in);
        a.padBegin = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
        a.padEnd = total - a.padBegin;
        return a;
    }
    // All of them; `kernel` holds the window's extents.
    Windows windowsOf(std::span<const std::int64_t> x, std::span<const std::int64_t> y,
                      std::span<const std::int64_t> kernel) const {
        Windows w;
        w.rank = static_cast<int>(kernel.size());
        for (std::size_t i = 0; i < kernel.size(); ++i)
            w.axis[i] = axisOf(static_cast<int>(i), w.rank, x[i + 2], y[i + 2], kernel[i]);
        return w;
    }

protected:
    std::int64_t explicitPad(int i) const { return autoPad == "NOTSET" ? at(pads, i, 0) : 0; }
    // Extents and steps stay below 2^31, so that no offset overflows.
    static void checkList(const char* name, const std::vector<std::int64_t>& values, int count, std::int64_t least) {
        if (!values.empty() && values.size() != static_cast<std::size_t>(count))
            throw sdk::Error(std::string("attribute '") + name + "' must have " + std::to_string(count) + " elements, found " +
                             std::to_string(values.size()));
        for (const std::int64_t v : values)
            if (v < least || v > INT32_MAX)
                throw sdk::Error(std::string("attribute '") + name + "' must not have the element " + std::to_string(v));
    }

private:
    static std::int64_t at(const std::vector<std::int64_t>& values, int i, std::int64_t otherwise) {
        return values.empty() ? otherwise : values.at(static_cast<std::size_t>(i));
    }
};

}  // namespace tenon::reference
