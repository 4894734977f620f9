// y = saturate(round(a_scale b_scale / y_scale (a - a_zero_point) (b - b_zero_point)) + y_zero_point), with the shapes of MatMul
// (ONNX QLinearMatMul opset 10 and later).
#include "integer_product.h"
#include "matrix_product.h"

namespace tenon::reference {
using namespace sdk;

struct QLinearMatMul {
    static constexpr Identity identity{.name = "QLinearMatMul", .since = 10};
    static constexpr TypeSet kTypes = bytes8 | float8s;
    static constexpr Slot A = var('A', kTypes), B = var('B', kTypes), Y = var('Y', kTypes), S = var('S', dequantized);
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
        const Problem problem(l);
        if (!bytes8.has(l.inputType(0)) || !bytes8.has(l.inputType(3)) || !bytes8.has(l.outputType(0))) {
            multiplyNumbers(l, problem);
            return;
        }
        dispatch<bytes8>(l.inputType(0), [&]<class E>() {
            dispatch<bytes8>(l.inputType(3), [&]<class F>() { multiply(problem, l, l.input<E>(0).data, l.input<F>(3).data); });
        });
    }
    Cost cost(const Layer& l) const { return productCost(l, 0, 3); }

private:
    struct Problem {
        explicit Problem(const Launch& l)
            : product(dimsOf(l.inputDesc(0)), dimsOf(l.inputDesc(3))),
              scaleA(l, 1, size().rows),
              zeroA(l, 2, size().rows),
              scaleB(l, 4, size().columns),
              zeroB(l, 5, size().columns),
              scaleY(l, 6, size().rows),
              zeroY(l, 7, size().rows) {}
        float scale(std::int64_t batch, std::int64_t m, std::int64_t n) const {
            const auto from = static_cast<float>(scaleA.at(product.matrixA(batch), m)) *
                              static_cast<float>(scaleB.at(product.matrixB(batch), n));
            return from / static_cast<float>(scaleY.at(batch, m));
        }
        std::int64_t at(std::int64_t batch, std::int64_t m, std::int64_t n) const {
            return (batch * size().rows + m) * size().columns + n;
        }
        const ProductSize& size() const { return product.size(); }
        MatrixProduct product;
        PerLane scaleA, zeroA, scaleB, zeroB, scaleY, zeroY;
    };

    template <class E, class F>
    static void multiply(const Problem& p, const Launch& l, const E* a, const F* b) {
        dispatch<bytes8>(l.outputType(0), [&]<class Y>() {
            Y* y = l.output<Y>(0).data;
            forIntegerProducts(p.product, a, b, p.zeroA, p.zeroB,
                               [&](std::int64_t batch, std::int64_t m, std::int64_t n, IntegerSum sum) {
                                   y[p.at(batch, m, n)] = requantized<Y>(sum, p.scale(batch, m, n), p.zeroY.at(batch, m));
                               });
        });
    }
    // With 8-bit floats among the operands or as the result: in double.
    static void multiplyNumbers(const Launch& l, const Problem& p) {
        const ProductSize& size = p.size();
        const ElementReader a(l, 0), b(l, 3);
        std::vector<double> y(static_cast<std::size_t>(size.batches * size.rows * size.columns));
        forProducts<double>(
            size,
            [&](std::int64_t batch, Range rows, Range depths, RowPanel<double>& panel) {
                for (std::int64_t m = rows.begin; m < rows.end; ++m)
                    for (std::int64_t k = depths.begin; k < depths.end; ++k)
                        panel.set(m - rows.begin, k - depths.begin,
                                  a[p.product.offsetA(batch) + m * size.depth + k] - p.zeroA.at(p.product.matrixA(batch), m));
            },
            [&](std::int64_t batch, Range columns, Range depths, ColumnPanel<double>& panel) {
                for (std::int64_t n = columns.begin; n < columns.end; ++n)
                    for (std::int64_t k = depths.begin; k < depths.end; ++k)
                        panel.set(n - columns.begin, k - depths.begin,
                                  b[p.product.offsetB(batch) + k * size.columns + n] - p.zeroB.at(p.product.matrixB(batch), n));
            },
            [&](std::int64_t batch, std::int64_t m, std::int64_t n, double sum) {
                y[static_cast<std::size_t>(p.at(batch, m, n))] = sum * static_cast<double>(p.scale(batch, m, n));
            });
        dispatch<kTypes>(l.outputType(0), [&]<class Y>() {
            for (std::int64_t i = 0; i < l.output<Y>(0).size(); ++i) {
                const double v = y[static_cast<std::size_t>(i)],
                             zero = p.zeroY.at(i / (size.rows * size.columns), i / size.columns % size.rows);
                if constexpr (std::is_integral_v<Y>) l.output<Y>(0)[i] = toInteger<Y>(std::nearbyint(v) + zero);
                else l.output<Y>(0)[i] = Narrowing{}.operator()<Y>(v + zero);
            }
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(qlinear_matmul, tenon::reference::QLinearMatMul)
