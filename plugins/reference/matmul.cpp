// y = a b over the last two dimensions, the others broadcast as numpy does (ONNX MatMul opset 1 and later).
#include "matrix_product.h"

namespace tenon::reference {
using namespace sdk;

struct MatMul {
    static constexpr Identity identity{.name = "MatMul", .since = 1};
    static constexpr Slot T = var('T', numeric);
    static constexpr auto formats = rows(row(T, T, T));
    void infer(Shapes x, Shapes y) const { y[0] = multiplied(x[0], x[1]); }
    template <class E>
    void run(View<const E> a, View<const E> b, View<E> y) const {
        const MatrixProduct product(a.dims, b.dims);
        const auto size = product.size();
        forProducts<Sum<E>>(
            size,
            [&](std::int64_t batch, Range lanes, Range depths, RowPanel<Sum<E>>& panel) {
                packMatrix(a.data + product.offsetA(batch), {size.depth, 1}, lanes, depths, panel);
            },
            [&](std::int64_t batch, Range lanes, Range depths, ColumnPanel<Sum<E>>& panel) {
                packMatrix(b.data + product.offsetB(batch), {1, size.columns}, lanes, depths, panel);
            },
            [&](std::int64_t batch, std::int64_t m, std::int64_t n, Sum<E> sum) {
                const std::int64_t at = (batch * size.rows + m) * size.columns + n;
                y[at] = elementOf<E>(sum);
            });
    }
    Cost cost(const Layer& l) const { return productCost(l, 0, 1); }
};

}  // namespace tenon::reference

TENON_OPERATORS(matmul, tenon::reference::MatMul)
