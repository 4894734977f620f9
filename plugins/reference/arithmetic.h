// Arithmetic of tensor elements: integers wrap, divisions by zero and conversions out of range are defined.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

// The type in which +, - and * of T are computed: an unsigned type for integers, where overflow wraps and narrow types do not
// promote to a signed one; float for the 16- and 8-bit floats.
template <class T>
struct ArithmeticOf {
    using Type = sdk::Compute<T>;
};
template <std::integral T>
struct ArithmeticOf<T> {
    using Type = std::common_type_t<std::make_unsigned_t<T>, unsigned>;
};
template <class T>
using Arithmetic = typename ArithmeticOf<T>::Type;

template <class T>
constexpr T negated(T v) {
    return T(Arithmetic<T>(0) - Arithmetic<T>(v));
}

// a / b rounded towards zero, and the remainder that goes with it; both 0 where b is 0.
template <std::integral T>
constexpr T quotient(T a, T b) {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>)
        if (b == -1) return negated(a);
    return static_cast<T>(a / b);
}
template <std::integral T>
constexpr T remainder(T a, T b) {
    if (b == 0) return 0;
    if constexpr (std::is_signed_v<T>)
        if (b == -1) return 0;
    return static_cast<T>(a % b);
}

// v rounded towards zero and clamped to T's range; 0 for NaN.
template <std::integral T>
T toInteger(double v) {
    constexpr auto kLow = static_cast<double>(std::numeric_limits<T>::min());
    const double beyond = std::ldexp(1.0, std::numeric_limits<T>::digits);  // first value above the range
    if (std::isnan(v)) return 0;
    if (v <= kLow) return std::numeric_limits<T>::min();
    return v >= beyond ? std::numeric_limits<T>::max() : static_cast<T>(v);
}

// A computed number as an element of T.
template <class T>
T elementFrom(double v) {
    if constexpr (std::is_integral_v<T>) return toInteger<T>(v);
    else if constexpr (std::is_same_v<T, double>) return v;
    else return T(static_cast<float>(v));
}

// How elements of T are read: bools as bytes, of which any but 0 is true.
template <class T>
using Stored = std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>;

// Order with NaN taking part as numpy's maximum and minimum do: NaN wins.
template <class T>
T larger(T a, T b) {
    if constexpr (sdk::isFloating<T>)
        if (std::isnan(sdk::Compute<T>(a))) return a;
    return sdk::Compute<T>(a) >= sdk::Compute<T>(b) ? a : b;
}
template <class T>
T smaller(T a, T b) {
    if constexpr (sdk::isFloating<T>)
        if (std::isnan(sdk::Compute<T>(a))) return a;
    return sdk::Compute<T>(a) <= sdk::Compute<T>(b) ? a : b;
}

}  // namespace tenon::reference
