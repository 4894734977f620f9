// The extents that Resize gives its output, and the scale of every axis.
#pragma once

#include "resize_axis.h"

namespace tenon::reference {

// floor(extent * scale) in single precision, as ONNX's own shape rule has it.
inline std::int64_t scaledExtent(std::int64_t extent, double scale) {
    constexpr float kMost = 0x1p60F;
    const float scaled = std::floor(static_cast<float>(extent) * static_cast<float>(scale));
    if (!(scale > 0) || !(scaled <= kMost)) throw sdk::Error("a scale of " + std::to_string(scale) + " is not usable");
    return static_cast<std::int64_t>(scaled);
}

// The same for an extent that may be a symbol: exact when the scale is a fraction with a small power of two below.
inline sdk::Dim scaledExtent(const sdk::Dim& extent, double scale) {
    constexpr double kDenominator = 1 << 10, kMost = 0x1p40;
    if (extent.isConstant()) return scaledExtent(extent.value(), scale);
    scaledExtent(std::int64_t{1}, scale);
    const double numerator = scale * kDenominator;
    if (!extent.isKnown() || numerator != std::floor(numerator) || numerator > kMost) return sdk::Dim::unknown();
    auto p = static_cast<std::int64_t>(numerator), q = static_cast<std::int64_t>(kDenominator);
    for (; p % 2 == 0 && q > 1; p /= 2)
        q /= 2;
    return floorDiv(extent * p, q);
}

// The scale common to all axes that fits into (not_larger) or covers (not_smaller) the wanted sizes.
inline double commonScale(bool larger, std::span<const std::int64_t> in, std::span<const std::int64_t> sizes) {
    double scale = 0;
    for (std::size_t i = 0; i < in.size(); ++i) {
        const double s = in[i] == 0 ? 1 : static_cast<double>(sizes[i]) / static_cast<double>(in[i]);
        scale = i == 0 ? s : larger ? std::max(scale, s) : std::min(scale, s);
    }
    return scale;
}

}  // namespace tenon::reference
