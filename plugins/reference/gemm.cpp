// y = alpha a' b' + beta c, where ' transposes on request and c broadcasts to y (ONNX Gemm opset 7 and later).
#include "broadcast.h"
#include "product.h"

namespace tenon::reference {
using namespace sdk;

struct Gemm {
    float alpha = 1.0F, beta = 1.0F;
    bool transA = false, transB = false;
    static constexpr Identity identity{.name = "Gemm", .since = 7};
    static constexpr Slot T = var('T', numeric);
    static constexpr auto formats = rows(row(in(T, T, optional(T)), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "alpha", &Gemm::alpha, "scale of the product"), attr(2, "beta", &Gemm::beta, "scale of c"),
                          attr(3, "transA", &Gemm::transA, "whether a is given transposed"),
                          attr(4, "transB", &Gemm::transB, "whether b is given transposed")};
    }
    void infer(Shapes x, Shapes y) const {
        for (int i : {0, 1})
            if (x[i].rank() != 2)
                throw Error("input " + std::to_string(i) + " must be a matrix, found rank " + std::to_string(x[i].rank()));
        const Dim &inner = x[0][transA ? 0 : 1], &other = x[1][transB ? 1 : 0];
        if (inner.isConstant() && other.isConstant() && !inner.same(other))
            throw Error("a' has " + std::to_string(inner.value()) + " columns, b' has " + std::to_string(other.value()) +
                        " rows");
        y[0] = Shape{x[0][transA ? 1 : 0], x[1][transB ? 0 : 1]};
        if (x.has(2)) checkBroadcastsTo(y[0], x[2], "c");
    }
    void run(const Launch& l) const {
        dispatch<numeric>(l.outputType(0), [&]<class E>() { multiply(l.input<E>(0), l.input<E>(1), cOf<E>(l), l.output<E>(0)); });
    }
    Cost cost(const Layer& l) const {
        const auto count = [](const abi::DynamicTensorDesc& d) { return static_cast<double>(elementCount(d.opt)); };
        const abi::DynamicTensorDesc &a = l.inputRange(0), &b = l.inputRange(1), &y = l.outputRange(0);
        const auto depth = static_cast<double>(a.opt.d[transA ? 0 : 1]);
        return {2 * count(y) * depth, (count(a) + count(b) + count(y)) * elementBits(y.desc.type) / 8};
    }

private:
    // c as seen from y: element (m, n) is data[m * row + n * column].
    template <class E>
    struct Addend {
        const E* data = nullptr;
        std::int64_t row = 0, column = 0;
    };
    template <class E>
    static Addend<E> cOf(const Launch& l) {
        if (!l.hasInput(2)) return {};
        const auto steps = broadcastStrides(dimsOf(l.inputDesc(2)), dimsOf(l.outputDesc(0)));
        return {l.input<E>(2).data, steps[0], steps[1]};
    }
    template <class E>
    void multiply(View<const E> a, View<const E> b, Addend<E> c, View<E> y) const {
        using S = Sum<E>;
        const ProductSize size{1, y.dim(0), y.dim(1), a.dim(transA ? 0 : 1)};
        const MatrixSteps stepsA = transA ? MatrixSteps{1, size.rows} : MatrixSteps{size.depth, 1};
        const MatrixSteps stepsB = transB ? MatrixSteps{size.depth, 1} : MatrixSteps{1, size.columns};
        forProducts<S>(
            size, [&](std::int64_t, Range lanes, Range depths, RowPanel<S>& p) { packMatrix(a.data, stepsA, lanes, depths, p); },
            [&](std::int64_t, Range lanes, Range depths, ColumnPanel<S>& p) { packMatrix(b.data, stepsB, lanes, depths, p); },
            [&](std::int64_t, std::int64_t m, std::int64_t n, S sum) {
                const E addend = c.data == nullptr ? E(0) : c.data[m * c.row + n * c.column];
                y[m * size.columns + n] = scaled(sum, addend);
            });
    }
    // Integers are scaled as real numbers, unless there is nothing to scale.
    template <class E>
    E scaled(Sum<E> product, E addend) const {
        if constexpr (std::is_integral_v<E>) {
            if (alpha == 1.0F && beta == 1.0F) return static_cast<E>(product + Sum<E>(addend));
            return elementFrom<E>(alpha * static_cast<double>(static_cast<E>(product)) + beta * static_cast<double>(addend));
        } else {
            const double c = beta == 0.0F ? 0.0 : beta * static_cast<double>(Compute<E>(addend));
            return elementFrom<E>(alpha * product + c);
        }
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(gemm, tenon::reference::Gemm)
