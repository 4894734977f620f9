// Normalizing the rows of a tensor, which run along its last axis.
#pragma once

#include "../reference/broadcast.h"
#include "../reference/statistics.h"

namespace tenon::microsoft {

// The mean of squares in the place of the variance, about zero in the place of the mean.
template <class C>
reference::Moments momentsAboutZero(const C* x, std::int64_t n) {
    double squares = 0;
    for (std::int64_t i = 0; i < n; ++i)
        squares += static_cast<double>(sdk::Compute<C>(x[i])) * static_cast<double>(sdk::Compute<C>(x[i]));
    return {0.0, squares / static_cast<double>(n)};
}

// What each element of a row is multiplied by and what is added to it then; `shift` may be absent.
template <class E>
struct RowScale {
    const E* scale;
    const E* shift = nullptr;
};

// y = (x - mean) / sqrt(variance + epsilon) * scale + shift.
template <class X, class E>
void normalizeRow(const X* x, std::int64_t n, const reference::Moments& m, float epsilon, RowScale<E> to, E* y) {
    const double inverse = m.inverseDeviation(epsilon);
    for (std::int64_t i = 0; i < n; ++i) {
        double v =
            (static_cast<double>(sdk::Compute<X>(x[i])) - m.mean) * inverse * static_cast<double>(sdk::Compute<E>(to.scale[i]));
        if (to.shift != nullptr) v += static_cast<double>(sdk::Compute<E>(to.shift[i]));
        y[i] = reference::elementFrom<E>(v);
    }
}

// Calls body(row, elements) for every row that has elements, on the host's threads.
template <class F>
void forRows(std::span<const std::int64_t> dims, F&& body) {
    std::int64_t rows = 1;
    for (std::size_t d = 0; d + 1 < dims.size(); ++d)
        rows *= dims[d];
    const std::int64_t n = dims.back();
    if (n == 0) return;
    sdk::parallelFor(rows, std::max<std::int64_t>(1, 4096 / n), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row)
            body(row, n);
    });
}

// The data of an input, or null where it is absent.
template <class E>
const E* dataOf(const sdk::Launch& l, int input) {
    return l.hasInput(input) ? l.input<E>(input).data : nullptr;
}

}  // namespace tenon::microsoft
