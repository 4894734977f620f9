// The range of shapes that a plan is made for.
#pragma once

#include <tenon/tensor.h>

#include <map>
#include <string>

namespace tenon {

// Shapes of one input: every dimension with min <= opt <= max. A dimension the network fixes must have that number.
struct ShapeRange {
    Dims min, opt, max;
};

// Inputs that are not named here take the network's dims, with 1 for each named dimension.
struct Profile {
    std::map<std::string, ShapeRange> shapes;
    // Content that an integer input has when shapes are computed at build time (inputs whose content decides shapes).
    std::map<std::string, TensorValue> values;
};

}  // namespace tenon
