// Regions of interest: what the operators that pool from them share.
#pragma once

#include "statistics.h"

namespace tenon::reference {

// One channel of an image of elements of E.
template <class E>
struct Plane {
    const E* data;
    std::int64_t height, width;
    double at(std::int64_t y, std::int64_t x) const { return sdk::Compute<E>(data[y * width + x]); }
};

// Checks x (N, C, H, W) and rois (count, columns); gives y's dims (count, C, height, width).
inline sdk::Shape inferRois(const sdk::Shape& x, const sdk::Shape& rois, std::int64_t columns, std::int64_t height,
                            std::int64_t width) {
    if (x.rank() != 4) throw sdk::Error("the input must have rank 4, found " + std::to_string(x.rank()));
    if (rois.rank() != 2 || (rois[1].isConstant() && !rois[1].is(columns)))
        throw sdk::Error("rois must be a matrix of " + std::to_string(columns) + " columns");
    return {rois[0], x[1], height, width};
}

// The image that a region is of; an error when there is none of that number.
inline std::int64_t imageOf(double index, std::int64_t images) {
    if (!(index >= 0 && index < static_cast<double>(images)))
        throw sdk::Error("a region names image " + std::to_string(index) + " of " + std::to_string(images));
    return static_cast<std::int64_t>(index);
}

}  // namespace tenon::reference
