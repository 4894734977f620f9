// y = (a - zero point)(b - zero point) times both scales, plus a bias, with the shapes of MatMul. a has 8 bits (com.microsoft
// MatMulIntegerToFloat), or is of floats that are quantized with the scale and zero point that span their range
// (DynamicQuantizeMatMul).
#include "affine.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

// The inputs of a product by their numbers; those that an operator lacks are -1.
struct ProductInputs {
    int b, scaleA, scaleB, zeroA, zeroB, bias;
};

inline void inferProduct(Shapes x, Shapes y, const ProductInputs& in) {
    y[0] = reference::multiplied(x[0], x[in.b]);
    const Shape& b = x[in.b];
    const Dim columns = b.rank() > 1 ? b[b.rank() - 1] : 1, all = b.product(0, std::max(b.rank() - 2, 0)) * columns;
    for (const int i : {in.scaleB, in.zeroB})
        if (x.has(i)) reference::checkPerLane(x[i], columns, all, "a scale or zero point of b");
    if (in.scaleA >= 0) expectSingle(x, {in.scaleA, in.zeroA});
    if (x.has(in.bias) && x[in.bias].elements().isConstant() && columns.isConstant() && !x[in.bias].elements().same(columns))
        throw Error("the bias must have one element for each of " + std::to_string(columns.value()) + " columns");
}

// y from a as codes; `from` is their scale and zero point.
template <class A>
void multiply(const Launch& l, const A* a, std::span<const std::int64_t> dimsA, const Affine& from,
              const reference::PerLane& zeroA, const ProductInputs& in) {
    const reference::MatrixProduct product(dimsA, dimsOf(l.inputDesc(in.b)));
    const auto& size = product.size();
    const reference::PerLane scaleB(l, in.scaleB, size.columns), zeroB(l, in.zeroB, size.columns);
    const reference::ElementReader bias(l, in.bias);
    dispatch<codes>(l.inputType(in.b), [&]<class B>() {
        dispatch<f32 | f16>(l.outputType(0), [&]<class Y>() {
            Y* y = l.output<Y>(0).data;
            reference::forIntegerProducts(product, a, l.input<B>(in.b).data, zeroA, zeroB,
                                          [&](std::int64_t batch, std::int64_t m, std::int64_t n, reference::IntegerSum sum) {
                                              const float scale =
                                                  from.scale * static_cast<float>(scaleB.at(product.matrixB(batch), n));
                                              const float v = static_cast<float>(static_cast<std::int32_t>(sum)) * scale;
                                              y[(batch * size.rows + m) * size.columns + n] = Y(v + static_cast<float>(bias[n]));
                                          });
        });
    });
}

struct MatMulIntegerToFloat {
    static constexpr Identity identity = contrib("MatMulIntegerToFloat");
    static constexpr Slot A = var('A', codes), B = var('B', codes), T = var('T', f32 | f16);
    static constexpr auto formats = rows(row(in(A, B, T, T, optional(A), optional(B), optional(T)), out(T)));
    static constexpr ProductInputs kInputs{.b = 1, .scaleA = 2, .scaleB = 3, .zeroA = 4, .zeroB = 5, .bias = 6};
    void infer(Shapes x, Shapes y) const { inferProduct(x, y, kInputs); }
    void run(const Launch& l) const {
        const reference::PerLane zeroA(l, kInputs.zeroA, 1);
        dispatch<codes>(l.inputType(0), [&]<class E>() {
            multiply(l, l.input<E>(0).data, dimsOf(l.inputDesc(0)), Affine::of(l, kInputs.scaleA, kInputs.zeroA), zeroA, kInputs);
        });
    }
    Cost cost(const Layer& l) const { return reference::productCost(l, 0, 1); }
};

struct DynamicQuantizeMatMul {
    static constexpr Identity identity = contrib("DynamicQuantizeMatMul");
    static constexpr Slot F = f32, B = var('B', codes);
    static constexpr auto formats = rows(row(in(F, B, F, optional(B), optional(F)), out(F)));
    static constexpr ProductInputs kInputs{.b = 1, .scaleA = -1, .scaleB = 2, .zeroA = -1, .zeroB = 3, .bias = 4};
    void infer(Shapes x, Shapes y) const { inferProduct(x, y, kInputs); }
    void run(const Launch& l) const {
        const auto a = l.input<float>(0);
        const Affine to = Affine::spanning({a.data, static_cast<std::size_t>(a.size())});
        std::vector<std::int16_t> centred(static_cast<std::size_t>(a.size()));  // codes less their zero point
        for (std::int64_t i = 0; i < a.size(); ++i)
            centred[static_cast<std::size_t>(i)] =
                static_cast<std::int16_t>(to.code<std::uint8_t>(a[i]) - static_cast<int>(to.zero));
        multiply(l, centred.data(), a.dims, to, reference::PerLane(l, l.inputCount(), 1), kInputs);
    }
    Cost cost(const Layer& l) const { return reference::productCost(l, 0, 1); }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(matmul_integer_float, tenon::microsoft::DynamicQuantizeMatMul, tenon::microsoft::MatMulIntegerToFloat)
