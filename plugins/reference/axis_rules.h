// Shape rules of operators along one axis, shared by the families.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

// Dims of x without the axis, or with extent 1 there. The axis must have elements.
inline sdk::Shape searchedShape(const sdk::Shape& x, std::int64_t axis, bool keepdims) {
    const int at = x.axis(axis);
    if (x[at].is(0)) throw sdk::Error("axis " + std::to_string(axis) + " has no elements");
    sdk::Shape out = sdk::Shape::ofRank(0);
    for (int i = 0; i < x.rank(); ++i) {
        if (i != at) out.append(x[i]);
        else if (keepdims) out.append(1);
    }
    return out;
}

// Dims of x with those of the indices in place of the axis.
inline sdk::Shape gatheredShape(const sdk::Shape& x, const sdk::Shape& indices, std::int64_t axis) {
    const int at = x.axis(axis);
    sdk::Shape out = sdk::Shape::ofRank(0);
    for (int i = 0; i < at; ++i)
        out.append(x[i]);
    for (int i = 0; i < indices.rank(); ++i)
        out.append(indices[i]);
    for (int i = at + 1; i < x.rank(); ++i)
        out.append(x[i]);
    return out;
}

}  // namespace tenon::reference
