// How far two results are apart.
#pragma once

#include <tenon/tensor.h>

#include <string>

namespace tenon {

struct Difference {
    double maxAbsolute = 0;
    double maxRelative = 0;  // |a-b| / max(|b|, largest |b| of the tensor / 1000)
    std::int64_t wrong = 0;  // elements with |a-b| > atol + rtol*|b|, or a NaN on one side only
    std::string mismatch;    // type or shape differ: said here
    bool ok() const { return wrong == 0 && mismatch.empty(); }
};

// Compares value with expected; integers, bools and strings exactly.
Difference compare(const TensorValue& value, const TensorValue& expected, double rtol, double atol);

}  // namespace tenon
