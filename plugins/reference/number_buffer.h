// Any numeric type to any other, without a kernel for every pair: through a short buffer of the widest type of its kind.
#pragma once

#include "arithmetic.h"
#include "whole_bytes.h"

namespace tenon::reference {

constexpr std::int64_t kBufferLength = 512;
inline constexpr sdk::TypeSet convertible = sdk::numeric | sdk::boolean | sdk::float8s | sdk::f8e8m0;

// The widest type that holds every value of E: double, or an integer of 64 bits.
template <class E>
using Widest =
    std::conditional_t<sdk::isFloating<E>, double, std::conditional_t<std::is_signed_v<E>, std::int64_t, std::uint64_t>>;

// v as a float whose last bit tells whether v was inexact (round to odd): rounding that once more to a smaller type gives what
// rounding v at once would.
inline float narrowed(double v) {
    const auto f = static_cast<float>(v);
    if (!std::isfinite(f) || static_cast<double>(f) == v) return f;
    const auto bits = std::bit_cast<std::uint32_t>(f);
    if ((bits & 1U) != 0) return f;
    return std::bit_cast<float>(std::fabs(static_cast<double>(f)) > std::fabs(v) ? bits - 1 : bits + 1);
}

// The float4e2m1 next to v, halfway to the even code, beyond the range the largest one; it has no NaN, zero of the other sign
// stands for it.
inline std::uint8_t float4From(float v) {
    constexpr std::array<float, 7> kHalfways{0.25F, 0.75F, 1.25F, 1.75F, 2.5F, 3.5F, 5.0F};
    if (std::isnan(v)) return std::signbit(v) ? 0 : 8;
    unsigned code = 0;
    for (const float halfway : kHalfways)
        if (std::fabs(v) > halfway || (std::fabs(v) == halfway && code % 2 == 1)) ++code;
    return static_cast<std::uint8_t>(code | (std::signbit(v) ? 8U : 0U));
}

// One number as an element of E. Integers of other ranges keep their low bits, floats of other ranges are clamped.
template <class E, class W>
E converted(W v) {
    if constexpr (std::is_same_v<E, bool>) return v != 0;
    else if constexpr (std::is_integral_v<E>) {
        if constexpr (std::is_floating_point_v<W>) return toInteger<E>(v);
        else return static_cast<E>(v);
    } else if constexpr (sdk::isSmallFloat<E>) return E(narrowed(static_cast<double>(v)));
    else return static_cast<E>(v);
}

// How numbers become elements of a type that may be narrower than the whole bytes E in which they are stored: of integers the low
// bits are kept, floats are rounded once.
struct Narrowing {
    sdk::DataType type = sdk::DataType::undefined;
    bool saturate = true;  // an 8-bit float out of range is the largest one, not infinity or NaN
    sdk::Float8E8M0::Rounding rounding = sdk::Float8E8M0::Rounding::up;

    template <class E, class W>
    E operator()(W v) const {
        if constexpr (sdk::float8s.has(sdk::typeOf<E>) || std::is_same_v<E, sdk::Float8E8M0>) {
            E e;
            e.bits = code<E>(narrowed(static_cast<double>(v)));
            return e;
        } else if constexpr (std::is_integral_v<E> && sizeof(E) == 1 && !std::is_same_v<E, bool> && std::is_floating_point_v<W>) {
            return sdk::halfBytes.has(type) ? static_cast<E>(toInteger<std::int64_t>(v)) : converted<E>(v);
        } else return converted<E>(v);
    }

private:
    template <class E>
    std::uint8_t code(float v) const {
        if constexpr (std::is_same_v<E, sdk::Float8E8M0>) {
            const float size = std::fabs(v);
            const bool isBeyond = size < 0x1p-127F || size > 0x1p127F;  // before it is rounded
            return isBeyond && !saturate ? std::uint8_t{255} : E::encode(v, saturate, rounding);
        } else {
            if constexpr (std::is_same_v<E, sdk::Float8E4M3FN>)
                if (type == sdk::DataType::f4e2m1) return widenedFloat4(float4From(v));
            return E::encode(v, saturate);
        }
    }
};

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
