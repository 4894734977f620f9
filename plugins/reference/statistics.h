// Means and variances, and the per-channel parameters that normalizations take.
#pragma once

#include "arithmetic.h"

namespace tenon::reference {

struct Moments {
    double mean = 0, variance = 0;
    double inverseDeviation(float epsilon) const { return 1.0 / std::sqrt(variance + static_cast<double>(epsilon)); }
};

// Mean and population variance of the elements that visit(f) passes to f, in two passes.
template <class V>
Moments momentsOf(std::int64_t count, V&& visit) {
    Moments m;
    visit([&](double v) { m.mean += v; });
    m.mean /= static_cast<double>(count);
    visit([&](double v) { m.variance += (v - m.mean) * (v - m.mean); });
    m.variance /= static_cast<double>(count);
    return m;
}
// The same of n consecutive elements.
template <class E>
Moments momentsOf(const E* x, std::int64_t n) {
    return momentsOf(n, [&](auto&& f) {
        for (std::int64_t i = 0; i < n; ++i)
            f(static_cast<double>(sdk::Compute<E>(x[i])));
    });
}

// A tensor of floating-point numbers of any type, read or written element by element where speed does not matter.
inline double numberAt(const sdk::Launch& l, int input, std::int64_t i) {
    double v = 0;
    sdk::dispatch<sdk::floats>(l.inputType(input), [&]<class E>() { v = sdk::Compute<E>(l.input<E>(input)[i]); });
    return v;
}
inline void setNumber(const sdk::Launch& l, int output, std::int64_t i, double v) {
    sdk::dispatch<sdk::floats>(l.outputType(output), [&]<class E>() { l.output<E>(output)[i] = elementFrom<E>(v); });
}

// Checks that a parameter has one element per channel.
inline void checkPerChannel(const sdk::Shape& parameter, const sdk::Dim& channels, const char* what) {
    if (parameter.rank() != 1)
        throw sdk::Error(std::string(what) + " must have rank 1, found " + std::to_string(parameter.rank()));
    if (parameter[0].isConstant() && channels.isConstant() && !parameter[0].same(channels))
        throw sdk::Error(std::string(what) + " has " + std::to_string(parameter[0].value()) +
                         " elements, must have one for each of " + std::to_string(channels.value()) + " channels");
}

}  // namespace tenon::reference
