// C++ types for ONNX's numeric types that C++ lacks, and the mapping DataType <-> C++ type.
#pragma once

#include <tenon/sdk/host.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace tenon::sdk {

// IEEE binary16. Conversion from float rounds to nearest even.
struct Float16 {
    std::uint16_t bits = 0;
    Float16() = default;
    Float16(float value) : bits(encode(value)) {}  // NOLINT: arithmetic type
    operator float() const { return decode(bits); }

    static std::uint16_t encode(float value) {
        const auto u = std::bit_cast<std::uint32_t>(value);
        const std::uint32_t sign = (u >> 16) & 0x8000U;
        const std::uint32_t magnitude = u & 0x7FFFFFFFU;
        if (magnitude > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7E00U);
        if (magnitude >= 0x477FF000U) return static_cast<std::uint16_t>(sign | 0x7C00U);
        if (magnitude < 0x38800000U) {  // subnormal: adding 0.5 aligns the mantissa and rounds
            const float aligned = std::bit_cast<float>(magnitude) + 0.5F;
            return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(aligned) - 0x3F000000U));
        }
        const std::uint32_t rounded = magnitude + 0xFFFU + ((magnitude >> 13) & 1U);
        return static_cast<std::uint16_t>(sign | ((rounded - 0x38000000U) >> 13));
    }
    static float decode(std::uint16_t half) {
        const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
        const std::uint32_t magnitude = half & 0x7FFFU;
        if (magnitude >= 0x7C00U) return std::bit_cast<float>(sign | 0x7F800000U | ((magnitude & 0x3FFU) << 13));
        if (magnitude < 0x400U) {
            const float value = static_cast<float>(magnitude) * 0x1p-24F;
            return sign != 0 ? -value : value;
        }
        return std::bit_cast<float>(sign | ((magnitude << 13) + 0x38000000U));
    }
};

// The upper half of a binary32. Conversion from float rounds to nearest even.
struct BFloat16 {
    std::uint16_t bits = 0;
    BFloat16() = default;
    BFloat16(float value) : bits(encode(value)) {}  // NOLINT: arithmetic type
    operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

    static std::uint16_t encode(float value) {
        const auto u = std::bit_cast<std::uint32_t>(value);
        if ((u & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<std::uint16_t>((u >> 16) | 0x40U);
        return static_cast<std::uint16_t>((u + 0x7FFFU + ((u >> 16) & 1U)) >> 16);
    }
};

enum class Special8 { ieee, finiteNan, unsignedZeroNan };  // how the top codes of an 8-bit float are used

// The 8-bit floats of ONNX (FP8 Formats for Deep Learning, Micikevicius et al. 2022; fnuz: Noune et al. 2022).
// Conversion from float saturates, as ONNX's Cast does by default.
template <int ExponentBits, int Bias, Special8 Special>
struct Float8 {
    std::uint8_t bits = 0;
    static constexpr int kMantissa = 7 - ExponentBits;
    Float8() = default;
    Float8(float value) : bits(encode(value, true)) {}  // NOLINT: arithmetic type
    operator float() const { return decode(bits); }

    static constexpr std::uint8_t kMax = Special == Special8::ieee        ? (((1U << ExponentBits) - 1U) << kMantissa) - 1U
                                         : Special == Special8::finiteNan ? 0x7EU
                                                                          : 0x7FU;
    static float decode(std::uint8_t code) {
        const int magnitude = code & 0x7F;
        const int exponent = magnitude >> kMantissa;
        const int mantissa = magnitude & ((1 << kMantissa) - 1);
        if (Special == Special8::unsignedZeroNan && code == 0x80) return std::numeric_limits<float>::quiet_NaN();
        if (magnitude > kMax) {
            const bool infinite = Special == Special8::ieee && mantissa == 0;
            const float value = infinite ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
            return (code & 0x80) != 0 ? -value : value;
        }
        const float value = exponent == 0
                                ? std::ldexp(static_cast<float>(mantissa), 1 - Bias - kMantissa)
                                : std::ldexp(static_cast<float>(mantissa + (1 << kMantissa)), exponent - Bias - kMantissa);
        return (code & 0x80) != 0 ? -value : value;
    }
    static std::uint8_t encode(float value, bool saturate) {
        const auto sign = static_cast<std::uint8_t>(std::signbit(value) ? 0x80U : 0U);
        constexpr bool kFnuz = Special == Special8::unsignedZeroNan;
        constexpr std::uint8_t kNan = kFnuz ? 0x80U : 0x7FU;
        if (std::isnan(value)) return kFnuz ? kNan : static_cast<std::uint8_t>(sign | kNan);
        if (std::isinf(value) && !saturate) return overflow(sign);
        if (value == 0) return kFnuz ? 0 : sign;
        const float a = std::min(std::fabs(value), 1e30F);
        int exponent = 0;
        std::frexp(a, &exponent);  // a in [2^(exponent-1), 2^exponent)
        const int unit = std::max(exponent - 1, 1 - Bias) - kMantissa;
        const auto steps = static_cast<std::int64_t>(std::nearbyint(std::ldexp(a, -unit)));
        const std::int64_t code = steps + (static_cast<std::int64_t>(unit + kMantissa + Bias - 1) << kMantissa);
        if (code > kMax) return saturate ? static_cast<std::uint8_t>(sign | kMax) : overflow(sign);
        if (kFnuz && code == 0) return 0;
        return static_cast<std::uint8_t>(sign | static_cast<std::uint8_t>(code));
    }

private:
    static std::uint8_t overflow(std::uint8_t sign) {
        if (Special == Special8::ieee) return static_cast<std::uint8_t>(sign | (kMax + 1U));
        return Special == Special8::finiteNan ? static_cast<std::uint8_t>(sign | 0x7FU) : 0x80U;
    }
};
using Float8E4M3FN = Float8<4, 7, Special8::finiteNan>;
using Float8E4M3FNUZ = Float8<4, 8, Special8::unsignedZeroNan>;
using Float8E5M2 = Float8<5, 15, Special8::ieee>;
using Float8E5M2FNUZ = Float8<5, 16, Special8::unsignedZeroNan>;

// A power of two, 2^(bits - 127); 255 is NaN (OCP Microscaling Formats 1.0). Negative numbers have none: their magnitude counts.
struct Float8E8M0 {
    enum class Rounding { up, down, nearest };  // nearest: halfway goes up
    std::uint8_t bits = 0;
    Float8E8M0() = default;
    Float8E8M0(float value) : bits(encode(value, true, Rounding::up)) {}  // NOLINT: arithmetic type
    operator float() const { return bits == 255 ? std::numeric_limits<float>::quiet_NaN() : std::ldexp(1.0F, bits - 127); }

    // What lies beyond the range is the end of the range when `saturate`, else NaN.
    static std::uint8_t encode(float value, bool saturate, Rounding rounding) {
        if (std::isnan(value)) return 255;
        if (std::isinf(value)) return saturate ? 254 : 255;
        if (value == 0) return saturate ? 0 : 255;
        int exponent = 0;
        const float mantissa = std::frexp(std::fabs(value), &exponent);  // in [0.5, 1)
        const bool isUp = rounding == Rounding::up ? mantissa > 0.5F : rounding == Rounding::nearest && mantissa >= 0.75F;
        const int code = exponent + 126 + (isUp ? 1 : 0);
        if (code >= 0 && code <= 254) return static_cast<std::uint8_t>(code);
        return static_cast<std::uint8_t>(saturate ? std::clamp(code, 0, 254) : 255);
    }
};

// Bits of one element; 0 for undefined.
constexpr int elementBits(DataType type) {
    constexpr int kBits[abi::kDataTypeCount] = {0,  32, 8,   8,  16, 16, 32, 64, 128, 8, 16, 64, 32,
                                                64, 64, 128, 16, 8,  8,  8,  8,  4,   4, 4,  8};
    if (abi::isComposite(type)) return 8 * static_cast<int>(sizeof(abi::ListRef));
    const auto i = static_cast<int>(type);
    return i < 0 || i >= abi::kDataTypeCount ? 0 : kBits[i];
}

const char* compositeName(DataType type);

// ONNX's lower-case name, e.g. "float32", "sequence(map(int64,float32))"; "?" for an unknown code.
constexpr const char* typeName(DataType type) {
    constexpr const char* kNames[abi::kDataTypeCount] = {
        "undefined", "float32",    "uint8",      "int8",         "uint16",         "int16",      "int32",
        "int64",     "string",     "bool",       "float16",      "float64",        "uint32",     "uint64",
        "complex64", "complex128", "bfloat16",   "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz",
        "uint4",     "int4",       "float4e2m1", "float8e8m0"};
    const auto i = static_cast<int>(type);
    if (abi::isComposite(type) && abi::isDataType(i)) return compositeName(type);
    return i < 0 || i >= abi::kDataTypeCount ? "?" : kNames[i];
}

inline const char* compositeName(DataType type) {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all(2 * abi::kOptionalFlag);
        for (std::int32_t code = 0; code < 2 * abi::kOptionalFlag; ++code) {
            std::string name = typeName(abi::elementOf(DataType{code}));
            if ((code & abi::kMapInt64Flag) != 0) name = "map(int64," + name + ")";
            if ((code & abi::kMapStringFlag) != 0) name = "map(string," + name + ")";
            if ((code & abi::kSequenceFlag) != 0) name = "sequence(" + name + ")";
            if ((code & abi::kOptionalFlag) != 0) name = "optional(" + name + ")";
            all[static_cast<std::size_t>(code)] = std::move(name);
        }
        return all;
    }();
    return names[static_cast<std::size_t>(type)].c_str();
}

// CppType<DataType>: the C++ type of an element that occupies whole bytes.
template <DataType Type>
struct CppTypeOf;
// typeOf<T>: its inverse.
template <class T>
inline constexpr DataType typeOf = DataType::undefined;

#define TENON_MAP_TYPE(code, type)     \
    template <>                        \
    struct CppTypeOf<DataType::code> { \
        using Type = type;             \
    };                                 \
    template <>                        \
    inline constexpr DataType typeOf<type> = DataType::code;
TENON_MAP_TYPE(f32, float)
TENON_MAP_TYPE(f64, double)
TENON_MAP_TYPE(f16, Float16)
TENON_MAP_TYPE(bf16, BFloat16)
TENON_MAP_TYPE(u8, std::uint8_t)
TENON_MAP_TYPE(i8, std::int8_t)
TENON_MAP_TYPE(u16, std::uint16_t)
TENON_MAP_TYPE(i16, std::int16_t)
TENON_MAP_TYPE(u32, std::uint32_t)
TENON_MAP_TYPE(i32, std::int32_t)
TENON_MAP_TYPE(u64, std::uint64_t)
TENON_MAP_TYPE(i64, std::int64_t)
TENON_MAP_TYPE(boolean, bool)
TENON_MAP_TYPE(string, abi::StringRef)
TENON_MAP_TYPE(c64, std::complex<float>)
TENON_MAP_TYPE(c128, std::complex<double>)
TENON_MAP_TYPE(f8e4m3fn, Float8E4M3FN)
TENON_MAP_TYPE(f8e4m3fnuz, Float8E4M3FNUZ)
TENON_MAP_TYPE(f8e5m2, Float8E5M2)
TENON_MAP_TYPE(f8e5m2fnuz, Float8E5M2FNUZ)
TENON_MAP_TYPE(f8e8m0, Float8E8M0)
#undef TENON_MAP_TYPE

template <DataType Type>
using CppType = typename CppTypeOf<Type>::Type;

// The type to compute in: float for the 16- and 8-bit floats, else T itself.
template <class T>
inline constexpr bool isSmallFloat = std::is_class_v<T>&& std::is_convertible_v<T, float>;
template <class T>
using Compute = std::conditional_t<isSmallFloat<T>, float, T>;
template <class T>
inline constexpr bool isFloating = std::is_floating_point_v<T> || isSmallFloat<T>;

}  // namespace tenon::sdk
