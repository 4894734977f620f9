// Any numeric type to any other, without a kernel for every pair: through a short buffer of the widest type of its kind.
#pragma once

#include "arithmetic.h"

namespace tenon::reference {

constexpr std::int64_t kBufferLength = 512;
inline constexpr sdk::TypeSet convertible = sdk::numeric | sdk::boolean | sdk::float8s;

// The widest type that holds every value of E: double, or an integer of 64 bits.
template <class E>
using Widest =
    std::conditional_t<sdk::isFloating<E>, double, std::conditional_t<std::is_signed_v<E>, std::int64_t, std::uint64_t>>;

// v as a float whose last bit tells whether v was inexact (round to odd): rounding that once more to a smaller type gives what
// rounding v at once would.
inline float narrowed(double v) {
    const auto f = static_cast<float>(v);
    if (std::isnan(v) || static_cast<double>(f) == v) return f;
    const auto bits = std::bit_cast<std::uint32_t>(f);
    if ((bits & 1U) != 0) return f;
    return std::bit_cast<float>(std::fabs(static_cast<double>(f)) > std::fabs(v) ? bits - 1 : bits + 1);
}

// One number as an element of E. Integers of other ranges keep their low bits, floats of other ranges are clamped; the 8-bit
// floats do not take part: they may or may not saturate.
template <class E, class W>
E converted(W v) {
    if constexpr (std::is_same_v<E, bool>) return v != 0;
    else if constexpr (std::is_integral_v<E>) {
        if constexpr (std::is_floating_point_v<W>) return toInteger<E>(v);
        else return static_cast<E>(v);
    } else if constexpr (sdk::isSmallFloat<E>) return E(narrowed(static_cast<double>(v)));
    else return static_cast<E>(v);
}

// Calls body.operator()<S>(from, to, count) with the elements [begin, end) of x in pieces, each as the Widest type S of x.
template <class F>
void forPieces(sdk::DataType type, const void* x, std::int64_t begin, std::int64_t end, F&& body) {
    sdk::dispatch<convertible>(type, [&]<class E>() {
        using S = Stored<E>;
        std::array<Widest<E>, kBufferLength> buffer;
        for (std::int64_t at = begin; at < end; at += kBufferLength) {
            const std::int64_t count = std::min(kBufferLength, end - at);
            const S* from = static_cast<const S*>(x) + at;
            for (std::int64_t i = 0; i < count; ++i)
                buffer[static_cast<std::size_t>(i)] = static_cast<sdk::Compute<E>>(from[i]);
            body(buffer.data(), at, count);
        }
    });
}

}  // namespace tenon::reference
