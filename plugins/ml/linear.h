// Linear forms of a row of features, as linear models and support vector machines use them.
#pragma once

#include "features.h"
#include "post_transform.h"

#include <algorithm>

namespace tenon::ml {

// term(0) + ... + term(count - 1), in four interleaved parts that do not wait for each other.
template <class F>
double sumOf(std::size_t count, F&& term) {
    std::array<double, 4> part{};
    std::size_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (std::size_t k = 0; k < 4; ++k)
            part[k] += term(i + k);
    for (; i < count; ++i)
        part[0] += term(i);
    return (part[0] + part[1]) + (part[2] + part[3]);
}

inline double dot(std::span<const double> x, const float* w) {
    return sumOf(x.size(), [&](std::size_t i) { return x[i] * static_cast<double>(w[i]); });
}

// Writes the scores of row n.
inline void writeScores(std::span<const double> scores, float* y, std::int64_t n) {
    std::ranges::transform(scores, y + n * static_cast<std::int64_t>(scores.size()),
                           [](double v) { return static_cast<float>(v); });
}

}  // namespace tenon::ml
