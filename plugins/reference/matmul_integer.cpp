// y = (a - a_zero_point) (b - b_zero_point) as int32, with the shapes of MatMul (ONNX MatMulInteger opset 10 and later).
#include "integer_product.h"
#include "matrix_product.h"

namespace tenon::reference {
using namespace sdk;

struct MatMulInteger {
    static constexpr Identity identity{.name = "MatMulInteger", .since = 10};
    static constexpr Slot A = var('A', bytes8), B = var('B', bytes8);
    static constexpr auto formats = rows(row(in(A, B, optional(A), optional(B)), out(i32)));
    void infer(Shapes x, Shapes y) const {
        y[0] = multiplied(x[0], x[1]);
        const int ra = x[0].rank(), rb = x[1].rank();
        if (x.has(2)) checkPerLane(x[2], ra > 1 ? x[0][ra - 2] : 1, x[0].product(0, ra - 1), "a_zero_point");
        if (x.has(3))
            checkPerLane(x[3], rb > 1 ? x[1][rb - 1] : 1, x[1].product(0, std::max(rb - 2, 0)) * (rb > 1 ? x[1][rb - 1] : 1),
                         "b_zero_point");
    }
    void run(const Launch& l) const {
        dispatch<bytes8>(l.inputType(0), [&]<class E>() {
            dispatch<bytes8>(l.inputType(1), [&]<class F>() { multiply(l, l.input<E>(0), l.input<F>(1)); });
        });
    }
    Cost cost(const Layer& l) const { return productCost(l, 0, 1); }

private:
    template <class E, class F>
    static void multiply(const Launch& l, View<const E> a, View<const F> b) {
        const MatrixProduct product(a.dims, b.dims);
        const ProductSize& size = product.size();
        const PerLane zeroA(l, 2, size.rows), zeroB(l, 3, size.columns);
        std::int32_t* y = l.output<std::int32_t>(0).data;
        forIntegerProducts(product, a.data, b.data, zeroA, zeroB,
                           [&](std::int64_t batch, std::int64_t m, std::int64_t n, IntegerSum sum) {
                               y[(batch * size.rows + m) * size.columns + n] = static_cast<std::int32_t>(sum);
                           });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(matmul_integer, tenon::reference::MatMulInteger)
