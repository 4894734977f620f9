// y = activation(alpha a' b' + beta c), where ' transposes on request and c broadcasts to y (com.microsoft FusedGemm).
#include "../reference/broadcast.h"
#include "../reference/product.h"
#include "contrib.h"
#include "fused_activation.h"

namespace tenon::microsoft {
using namespace sdk;

struct FusedGemm : ActivationAttributes {
    float alpha = 1.0F, beta = 1.0F;
    bool transA = false, transB = false;
    static constexpr Identity identity = contrib("FusedGemm");
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, T, optional(T)), out(T)));
    static constexpr auto attributes() {
        return std::tuple_cat(std::tuple{attr(1, "alpha", &FusedGemm::alpha, "scale of the product"),
                                         attr(2, "beta", &FusedGemm::beta, "scale of c"),
                                         attr(3, "transA", &FusedGemm::transA, "whether a is given transposed"),
                                         attr(4, "transB", &FusedGemm::transB, "whether b is given transposed")},
                              activationAttributes<5>());
    }
    void check(const abi::LayerInfo&) const { fused(); }
    void infer(Shapes x, Shapes y) const {
        for (const int i : {0, 1})
            if (x[i].rank() != 2)
                throw Error("input " + std::to_string(i) + " must be a matrix, found rank " + std::to_string(x[i].rank()));
        const Dim &inner = x[0][transA ? 0 : 1], &other = x[1][transB ? 1 : 0];
        if (inner.isConstant() && other.isConstant() && !inner.same(other))
            throw Error("a' has " + std::to_string(inner.value()) + " columns, b' has " + std::to_string(other.value()) +
                        " rows");
        y[0] = Shape{x[0][transA ? 1 : 0], x[1][transB ? 0 : 1]};
        if (x.has(2)) reference::checkBroadcastsTo(y[0], x[2], "c");
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    template <class E>
    void runAs(const Launch& l) const {
        using reference::Range;
        const auto a = l.input<E>(0), b = l.input<E>(1);
        const auto y = l.output<E>(0);
        const std::int64_t rows = y.dim(0), columns = y.dim(1), depth = a.dim(transA ? 0 : 1);
        const E* c = l.hasInput(2) ? l.input<E>(2).data : nullptr;
        const auto stepsC =
            c == nullptr ? std::array<std::int64_t, abi::kMaxRank>{} : reference::broadcastStrides(l.input<E>(2).dims, y.dims);
        const FusedActivation activation = fused();
        const reference::MatrixSteps stepsA = transA ? reference::MatrixSteps{1, rows} : reference::MatrixSteps{depth, 1};
        const reference::MatrixSteps stepsB = transB ? reference::MatrixSteps{depth, 1} : reference::MatrixSteps{1, columns};
        reference::forProducts<double>(
            {1, rows, columns, depth},
            [&](std::int64_t, Range lanes, Range depths, auto& panel) {
                reference::packMatrix(a.data, stepsA, lanes, depths, panel);
            },
            [&](std::int64_t, Range lanes, Range depths, auto& panel) {
                reference::packMatrix(b.data, stepsB, lanes, depths, panel);
            },
            [&](std::int64_t, std::int64_t m, std::int64_t n, double sum) {
                double v = alpha * sum;
                if (c != nullptr && beta != 0.0F) v += beta * static_cast<double>(Compute<E>(c[m * stepsC[0] + n * stepsC[1]]));
                y[m * columns + n] = reference::elementFrom<E>(activation(v));
            });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(fused_gemm, tenon::microsoft::FusedGemm)
