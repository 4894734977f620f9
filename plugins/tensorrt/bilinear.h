// Bilinear interpolation in a plane of `height` rows and `width` columns, outside of which everything is zero.
#pragma once

#include "trt_plugin.h"

namespace tenon::tensorrt {

// The four pixels around a point (row * width + column) and their weights; 0 is the weight of a pixel outside.
struct Corners {
    std::array<std::int64_t, 4> pixel{};
    std::array<double, 4> weight{};

    // value(pixel) weighted; pixels of weight 0 are not read.
    template <class V>
    double sum(V&& value) const {
        double s = 0;
        for (std::size_t i = 0; i < 4; ++i)
            if (weight[i] != 0) s += weight[i] * value(pixel[i]);
        return s;
    }
};

inline Corners cornersAt(double y, double x, std::int64_t height, std::int64_t width) {
    Corners c;
    const bool isNear = y > -1 && y < static_cast<double>(height) && x > -1 && x < static_cast<double>(width);
    if (!isNear) return c;
    const double top = std::floor(y), left = std::floor(x);
    const auto row = static_cast<std::int64_t>(top), column = static_cast<std::int64_t>(left);
    for (std::size_t i = 0; i < 4; ++i) {
        const std::int64_t r = row + static_cast<std::int64_t>(i / 2), k = column + static_cast<std::int64_t>(i % 2);
        if (r < 0 || r >= height || k < 0 || k >= width) continue;
        c.pixel[i] = r * width + k;
        c.weight[i] = (i / 2 == 0 ? 1 - (y - top) : y - top) * (i % 2 == 0 ? 1 - (x - left) : x - left);
    }
    return c;
}

}  // namespace tenon::tensorrt
