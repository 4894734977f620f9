// What scaled dot product attentions share: tensors of batches, heads and tokens in packed (3-D) or separate (4-D) heads, and the
// mathematics of one query.
#pragma once

#include "arithmetic.h"

namespace tenon::reference {

// Where the vectors of one head lie in a tensor (batch, token, heads * size) or (batch, head, token, size).
struct HeadTensor {
    std::int64_t batches, heads, tokens, size;
    bool isPacked;

    HeadTensor(std::span<const std::int64_t> dims, std::int64_t headCount)
        : batches(dims[0]),
          heads(dims.size() == 3 ? headCount : dims[1]),
          tokens(dims.size() == 3 ? dims[1] : dims[2]),
          size(dims.size() == 3 ? dims[2] / headCount : dims[3]),
          isPacked(dims.size() == 3) {}
    std::int64_t at(std::int64_t batch, std::int64_t head, std::int64_t token) const {
        return size * (isPacked ? (batch * tokens + token) * heads + head : (batch * heads + head) * tokens + token);
    }
};

// The dims (batches, heads, tokens, size) of such a tensor.
struct HeadDims {
    sdk::Dim batches, heads, tokens, size;

    static HeadDims of(const sdk::Shape& x, std::int64_t headCount, const char* what) {
        if (x.rank() == 4) return {x[0], x[1], x[2], x[3]};
        if (x.rank() != 3) throw sdk::Error(std::string(what) + " must have rank 3 or 4, found " + std::to_string(x.rank()));
        if (headCount <= 0) throw sdk::Error(std::string(what) + " of rank 3 needs the number of its heads as attribute");
        if (x[2].isConstant() && x[2].value() % headCount != 0)
            throw sdk::Error(std::string(what) + ": " + std::to_string(x[2].value()) + " elements do not divide into " +
                             std::to_string(headCount) + " heads");
        return {x[0], headCount, x[1], floorDiv(x[2], headCount)};
    }
};

// An error when two dims that must be equal are known to differ.
inline void matchDims(const sdk::Dim& found, const sdk::Dim& wanted, const char* what) {
    if (found.isConstant() && wanted.isConstant() && !found.same(wanted))
        throw sdk::Error(std::string(what) + " is " + std::to_string(found.value()) + ", must be " +
                         std::to_string(wanted.value()));
}

// Numbers of any floating-point type, or of any numeric type where said, to and from double.
using LoadRow = void (*)(const void* from, std::int64_t at, std::int64_t count, double* to);
using StoreRow = void (*)(const double* from, void* to, std::int64_t at, std::int64_t count);

template <sdk::TypeSet Set = sdk::floats>
LoadRow loaderOf(sdk::DataType type) {
    LoadRow load = nullptr;
    sdk::dispatch<Set>(type, [&]<class E>() {
        load = [](const void* from, std::int64_t at, std::int64_t count, double* to) {
            const E* x = static_cast<const E*>(from) + at;
            for (std::int64_t i = 0; i < count; ++i)
                to[i] = static_cast<double>(sdk::Compute<E>(x[i]));
        };
    });
    return load;
}
inline StoreRow storerOf(sdk::DataType type) {
    StoreRow store = nullptr;
    sdk::dispatch<sdk::floats>(type, [&]<class E>() {
        store = [](const double* from, void* to, std::int64_t at, std::int64_t count) {
            E* y = static_cast<E*>(to) + at;
            for (std::int64_t i = 0; i < count; ++i)
                y[i] = elementFrom<E>(from[i]);
        };
    });
    return store;
}

inline double product(const double* a, const double* b, std::int64_t n) {
    std::array<double, 4> sum{};
    std::int64_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (std::size_t lane = 0; lane < 4; ++lane)
            sum[lane] += a[i + static_cast<std::int64_t>(lane)] * b[i + static_cast<std::int64_t>(lane)];
    for (; i < n; ++i)
        sum[0] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}
inline constexpr double kExcluded = -std::numeric_limits<double>::infinity();

// Zeros when every key is excluded.
inline void softmax(double* values, std::int64_t n) {
    double most = kExcluded, sum = 0;
    for (std::int64_t i = 0; i < n; ++i)
        most = larger(most, values[i]);
    if (most == kExcluded) {
        std::fill_n(values, n, 0.0);
        return;
    }
    for (std::int64_t i = 0; i < n; ++i)
        sum += values[i] = std::exp(values[i] - most);
    for (std::int64_t i = 0; i < n; ++i)
        values[i] /= sum;
}

}  // namespace tenon::reference
