// Resize along one axis: which input elements make an output element, and with what weights.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

// One axis: extents, scale, the resized extent before rounding, and the part of the input that is shown.
struct ResizeGeometry {
    std::int64_t in = 0, out = 0;
    double scale = 1, length = 0;
    double start = 0, end = 1;
};

struct ResizeRule {
    std::string mode, coordinates, nearestMode;
    bool antialias = false, excludeOutside = false;
    double cubicA = -0.75;
};

// The input coordinate that output element i shows (ONNX: coordinate_transformation_mode).
inline double originalCoordinate(const std::string& mode, const ResizeGeometry& g, std::int64_t i) {
    const auto x = static_cast<double>(i);
    const auto last = static_cast<double>(g.in - 1);
    if (mode == "asymmetric") return x / g.scale;
    if (mode == "tf_half_pixel_for_nn") return (x + 0.5) / g.scale;
    if (mode == "pytorch_half_pixel" && g.out == 1) return 0;
    if (mode == "align_corners") return g.length == 1 ? 0 : x * last / (g.length - 1);
    if (mode == "tf_crop_and_resize")
        return g.start * last +
               (g.out == 1 ? (g.end - g.start) * last / 2 : x * (g.end - g.start) * last / static_cast<double>(g.out - 1));
    if (mode == "half_pixel_symmetric") {
        const double offset = static_cast<double>(g.in) / 2 * (1 - static_cast<double>(g.out) / g.length);
        return offset + (x + 0.5) / g.scale - 0.5;
    }
    return (x + 0.5) / g.scale - 0.5;
}

inline double nearestOf(const std::string& mode, double x) {
    if (mode == "floor") return std::floor(x);
    if (mode == "ceil") return std::ceil(x);
    return mode == "round_prefer_ceil" ? std::floor(x + 0.5) : std::ceil(x - 0.5);
}

// Weight of an element at distance d: linear, or Keys' cubic convolution (IEEE TASSP 1981) with parameter a.
inline double linearWeight(double d) { return std::max(0.0, 1 - std::fabs(d)); }
inline double cubicWeight(double d, double a) {
    d = std::fabs(d);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

// For every output element of an axis its taps: input elements and weights.
class ResizeTable {
public:
    struct Tap {
        std::int64_t index;
        double weight;
    };
    ResizeTable(const ResizeRule& rule, const ResizeGeometry& g) {
        constexpr double kFar = 0x1p50;
        for (std::int64_t i = 0; i < g.out; ++i) {
            const double at = originalCoordinate(rule.coordinates, g, i), x = std::isnan(at) ? 0 : std::clamp(at, -kFar, kFar);
            const bool outside = rule.coordinates == "tf_crop_and_resize" && !(at >= 0 && at <= static_cast<double>(g.in - 1));
            first_.push_back(taps_.size());
            if (outside) continue;
            if (rule.mode == "nearest") addTap(static_cast<std::int64_t>(nearestOf(rule.nearestMode, x)), 1, g.in);
            else addTaps(rule, g, x);
        }
        first_.push_back(taps_.size());
    }
    // None: the element lies outside the input and is extrapolated.
    std::span<const Tap> taps(std::int64_t i) const {
        const auto at = static_cast<std::size_t>(i);
        return {taps_.data() + first_[at], first_[at + 1] - first_[at]};
    }

private:
    void addTap(std::int64_t index, double weight, std::int64_t in) {
        taps_.push_back({std::clamp<std::int64_t>(index, 0, in - 1), weight});
    }
    void addTaps(const ResizeRule& rule, const ResizeGeometry& g, double x) {
        constexpr double kWidest = 1 << 24;
        const bool cubic = rule.mode == "cubic";
        const double shrink = rule.antialias ? std::min(g.scale, 1.0) : 1.0, reach = std::ceil((cubic ? 2 : 1) / shrink);
        if (!(reach <= kWidest)) throw sdk::Error("a scale of " + std::to_string(g.scale) + " is too small for antialiasing");
        const auto middle = static_cast<std::int64_t>(std::floor(x)), width = static_cast<std::int64_t>(reach);
        const std::size_t begin = taps_.size();
        double sum = 0;
        for (std::int64_t i = middle - width + 1; i <= middle + width; ++i) {
            const double d = (static_cast<double>(i) - x) * shrink,
                         weight = cubic ? cubicWeight(d, rule.cubicA) : linearWeight(d);
            if (weight == 0 || (rule.excludeOutside && (i < 0 || i >= g.in))) continue;
            addTap(i, weight, g.in);
            sum += weight;
        }
        if (taps_.size() == begin) addTap(middle, 1, g.in);
        else if ((rule.antialias || rule.excludeOutside) && sum != 0)
            for (std::size_t t = begin; t < taps_.size(); ++t)
                taps_[t].weight /= sum;
    }
    std::vector<Tap> taps_;
    std::vector<std::size_t> first_;
};

}  // namespace tenon::reference
