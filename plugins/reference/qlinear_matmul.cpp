// y = saturate(round(a_scale b_scale / y_scale (a - a_zero_point) (b - b_zero_point)) + y_zero_point), with the shapes of MatMul
// (ONNX QLinearMatMul opset 10 and later).
#include "integer_product.h"
#include "matrix_product.h"

namespace tenon::reference {
using namespace sdk;

struct QLinearMatMul {
    static constexpr Identity identity{.name = "QLinearMatMul", .since = 10};
    static constexpr Slot A = var('A', bytes8), B = var('B', bytes8), Y = var('Y', bytes8), S = var('S', scales);
    static constexpr auto formats = rows(row(in(A, S, A, B, S, B, S, Y), out(Y)));
    void infer(Shapes x, Shapes y) const {
        y[0] = multiplied(x[0], x[3]);
        const int ra = x[0].rank(), rb = x[3].rank();
        const Dim rows = ra > 1 ? x[0][ra - 2] : 1, columns = rb > 1 ? x[3][rb - 1] : 1;
        for (int i : {1, 2})
            checkPerLane(x[i], rows, x[0].product(0, ra - 1), i == 1 ? "a_scale" : "a_zero_point");
        for (int i : {4, 5})
            checkPerLane(x[i], columns, x[3].product(0, std::max(rb - 2, 0)) * columns, i == 4 ? "b_scale" : "b_zero_point");
        for (int i : {6, 7})
            checkPerLane(x[i], rows, y[0].product(0, std::max(ra, rb) - 1), i == 6 ? "y_scale" : "y_zero_point");
    }
    void run(const Launch& l) const {
        dispatch<bytes8>(l.inputType(0), [&]<class E>() {
            dispatch<bytes8>(l.inputType(3), [&]<class F>() { multiply(l, l.input<E>(0), l.input<F>(3)); });
        });
    }
    Cost cost(const Layer& l) const { return productCost(l, 0, 3); }

private:
    template <class E, class F>
    static void multiply(const Launch& l, View<const E> a, View<const F> b) {
        const MatrixProduct product(a.dims, b.dims);
        const ProductSize& size = product.size();
        const PerLane scaleA(l, 1, size.rows), zeroA(l, 2, size.rows), scaleB(l, 4, size.columns), zeroB(l, 5, size.columns);
        const PerLane scaleY(l, 6, size.rows), zeroY(l, 7, size.rows);
        dispatch<bytes8>(l.outputType(0), [&]<class Y>() {
            Y* y = l.output<Y>(0).data;
            forIntegerProducts(product, a.data, b.data, zeroA, zeroB,
                               [&](std::int64_t batch, std::int64_t m, std::int64_t n, IntegerSum sum) {
                                   const auto from = static_cast<float>(scaleA.at(product.matrixA(batch), m)) *
                                                     static_cast<float>(scaleB.at(product.matrixB(batch), n));
                                   const float scale = from / static_cast<float>(scaleY.at(batch, m));
                                   y[(batch * size.rows + m) * size.columns + n] = requantized<Y>(sum, scale, zeroY.at(batch, m));
                               });
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(qlinear_matmul, tenon::reference::QLinearMatMul)
