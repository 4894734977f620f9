// Tensors of 8-bit codes with one scale and zero point: number = scale (code - zero point).
#pragma once

#include "../reference/integer_product.h"

namespace tenon::microsoft {

inline constexpr sdk::TypeSet codes = reference::bytes8;

struct Affine {
    float scale = 1.0F;
    double zero = 0.0;

    // The inputs with the scale and the zero point; an absent zero point is 0.
    static Affine of(const sdk::Launch& l, int scaleInput, int zeroInput) {
        return {static_cast<float>(reference::ElementReader(l, scaleInput)[0]), reference::ElementReader(l, zeroInput)[0]};
    }
    // The unsigned codes whose range is that of x and 0 (ONNX DynamicQuantizeLinear).
    static Affine spanning(std::span<const float> x) {
        float low = 0, high = 0;
        for (const float v : x) {
            low = std::min(low, v);
            high = std::max(high, v);
        }
        const float scale = high == low ? 1.0F : (high - low) / 255.0F;
        const float zero = std::nearbyint(std::clamp(-low / scale, 0.0F, 255.0F));
        return {scale, static_cast<double>(reference::toInteger<std::uint8_t>(zero))};
    }
    float number(double code) const { return static_cast<float>(code - zero) * scale; }
    // saturate(round half to even(number / scale) + zero point).
    template <class E>
    E code(float number) const {
        return reference::toInteger<E>(std::nearbyint(static_cast<double>(number / scale)) + zero);
    }
    // The same for means and sums, which often lie in the middle of two codes: nothing is rounded in between, and as in ONNX
    // Runtime the zero point is added first.
    double exactNumber(double code) const { return (code - zero) * static_cast<double>(scale); }
    template <class E>
    E codeOfExact(double number) const {
        return reference::toInteger<E>(std::nearbyint(number / static_cast<double>(scale) + zero));
    }
};

// Checks that inputs, scales and zero points, hold one element each.
inline void expectSingle(const sdk::Shapes& x, std::initializer_list<int> inputs) {
    for (const int i : inputs)
        if (x.has(i) && x[i].elements().isConstant() && !x[i].elements().is(1))
            throw sdk::Error("input " + std::to_string(i) + ", a scale or zero point, must have one element");
}

}  // namespace tenon::microsoft
