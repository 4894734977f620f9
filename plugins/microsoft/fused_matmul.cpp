// y = activation(alpha a' b') over the last two dimensions, the others broadcast, where ' turns the operand on request
// (com.microsoft FusedMatMul, FusedMatMulActivation, TransposeMatMul).
#include "../reference/matrix_product.h"
#include "contrib.h"
#include "fused_activation.h"

namespace tenon::microsoft {
using namespace sdk;

struct FusedProduct {
    float alpha = 1.0F;
    bool transA = false, transB = false, transBatchA = false, transBatchB = false;
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T));
    static constexpr auto transposeAttributes() {
        using Op = FusedProduct;
        return std::tuple{attr(1, "alpha", &Op::alpha, "scale of the product"),
                          attr(2, "transA", &Op::transA, "whether the last two dims of a are swapped"),
                          attr(3, "transB", &Op::transB, "whether the last two dims of b are swapped")};
    }
    static constexpr auto batchAttributes() {
        using Op = FusedProduct;
        return std::tuple_cat(
            transposeAttributes(),
            std::tuple{attr(4, "transBatchA", &Op::transBatchA, "whether the first dim of a is put behind the batch dims"),
                       attr(5, "transBatchB", &Op::transBatchB, "whether the first dim of b is put behind the batch dims")});
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = reference::multiplied(turned(x[0], transA, transBatchA), turned(x[1], transB, transBatchB));
    }
    Cost cost(const Layer& l) const { return reference::productCost(l, 0, 1); }

protected:
    template <class Activation>
    void multiply(const Launch& l, const Activation& activation) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { this->template multiplyAs<E>(l, activation); });
    }

private:
    // The dims of an operand once it is turned: first the batch dims, then the last two. Vectors stay as they are.
    template <class S>
    static S turned(S s, bool swapped, bool batched) {
        const int rank = rankOf(s);
        if (rank < 2) return s;
        for (int d = 0; batched && d + 2 < rank; ++d)
            std::swap(at(s, d), at(s, d + 1));
        if (swapped) std::swap(at(s, rank - 2), at(s, rank - 1));
        return s;
    }
    static Dim& at(Shape& s, int d) { return s[d]; }
    static std::int64_t& at(std::vector<std::int64_t>& dims, int d) { return dims[static_cast<std::size_t>(d)]; }
    static int rankOf(const Shape& s) { return s.rank(); }
    static int rankOf(const std::vector<std::int64_t>& dims) { return static_cast<int>(dims.size()); }
    // Where a turned operand lies: elements between matrices, rows and columns.
    struct Steps {
        std::int64_t matrix, row, column;
        Steps(std::span<const std::int64_t> dims, bool swapped, bool batched) {
            const std::int64_t columns = dims.back(), rows = dims.size() > 1 ? dims[dims.size() - 2] : 1;
            matrix = batched && dims.size() > 1 ? columns : rows * columns;
            row = columns;
            for (std::size_t d = 1; batched && d + 1 < dims.size(); ++d)
                row *= dims[d];
            column = 1;
            if (swapped && dims.size() > 1) std::swap(row, column);
        }
    };
    template <class E, class Activation>
    void multiplyAs(const Launch& l, const Activation& activation) const {
        using reference::Range;
        using S = reference::Sum<E>;
        const auto a = l.input<E>(0), b = l.input<E>(1);
        const auto y = l.output<E>(0);
        if (y.size() == 0) return;
        const auto dimsOfTurned = [](View<const E> v, bool swapped, bool batched) {
            return turned(std::vector<std::int64_t>(v.dims.begin(), v.dims.end()), swapped, batched);
        };
        const auto dimsA = dimsOfTurned(a, transA, transBatchA), dimsB = dimsOfTurned(b, transB, transBatchB);
        const reference::MatrixProduct product(dimsA, dimsB);
        const Steps stepsA(a.dims, transA, transBatchA);
        Steps stepsB(b.dims, transB, transBatchB);
        if (b.rank() == 1) std::swap(stepsB.row, stepsB.column);  // a vector is a column
        const auto& size = product.size();
        reference::forProducts<S>(
            size,
            [&](std::int64_t batch, Range lanes, Range depths, reference::RowPanel<S>& panel) {
                const E* from = a.data + product.matrixA(batch) * stepsA.matrix;
                reference::packMatrix(from, {stepsA.row, stepsA.column}, lanes, depths, panel);
            },
            [&](std::int64_t batch, Range lanes, Range depths, reference::ColumnPanel<S>& panel) {
                const E* from = b.data + product.matrixB(batch) * stepsB.matrix;
                reference::packMatrix(from, {stepsB.column, stepsB.row}, lanes, depths, panel);
            },
            [&](std::int64_t batch, std::int64_t m, std::int64_t n, S sum) {
                y[(batch * size.rows + m) * size.columns + n] = reference::elementFrom<E>(activation(alpha * sum));
            });
    }
};

struct FusedMatMul : FusedProduct {
    static constexpr Identity identity = contrib("FusedMatMul");
    static constexpr auto attributes() { return batchAttributes(); }
    void run(const Launch& l) const {
        multiply(l, [](double v) { return v; });
    }
};

struct TransposeMatMul : FusedProduct {
    static constexpr Identity identity = contrib("TransposeMatMul");
    static constexpr auto attributes() { return transposeAttributes(); }
    void run(const Launch& l) const {
        multiply(l, [](double v) { return v; });
    }
};

struct FusedMatMulActivation : FusedProduct, ActivationAttributes {
    std::optional<std::int64_t> activationAxis;
    static constexpr Identity identity = contrib("FusedMatMulActivation");
    static constexpr auto attributes() {
        using Op = FusedMatMulActivation;
        return std::tuple_cat(
            batchAttributes(), activationAttributes<6>(),
            std::tuple{attr(10, "activation_axis", &Op::activationAxis, "axis of activations along an axis; none is known")});
    }
    void check(const abi::LayerInfo&) const { fused(); }
    void run(const Launch& l) const { multiply(l, fused()); }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(fused_matmul, tenon::microsoft::FusedMatMul, tenon::microsoft::FusedMatMulActivation,
                tenon::microsoft::TransposeMatMul)
