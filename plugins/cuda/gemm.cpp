// Y = alpha op(A) op(B) + beta C with C broadcast to Y (ONNX Gemm opset 7 and later), by cuBLASLt.
#include "../reference/broadcast.h"
#include "block_copy.h"
#include "lt_matmul.h"

namespace tenon::cuda {
using namespace sdk;

struct Gemm {
    float alpha = 1.0F, beta = 1.0F;
    bool transA = false, transB = false;
    static constexpr Identity identity{.name = "Gemm", .since = 1, .implementation = "cuda.cublaslt"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, T, optional(T)), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "alpha", &Gemm::alpha, "factor of the product"), attr(2, "beta", &Gemm::beta, "factor of C"),
                          attr(3, "transA", &Gemm::transA, "whether A is transposed"),
                          attr(4, "transB", &Gemm::transB, "whether B is transposed")};
    }
    void infer(Shapes x, Shapes y) const {
        for (const int i : {0, 1})
            if (x[i].rank() != 2) throw Error("A and B must have rank 2, found " + std::to_string(x[i].rank()));
        const Dim k = x[0][transA ? 0 : 1], other = x[1][transB ? 1 : 0];
        if (k.isConstant() && other.isConstant() && !k.same(other))
            throw Error("inner dimensions " + std::to_string(k.value()) + " and " + std::to_string(other.value()) + " differ");
        y[0] = Shape{x[0][transA ? 1 : 0], x[1][transB ? 0 : 1]};
        if (x.has(2)) reference::checkBroadcastsTo(y[0], x[2], "C");
    }
    void configure(const Layer& l) {
        product_.reset();
        tactic_ = parseMatmulTactic(l.tactic());
        const MatmulShape shape = shapeOf(l);
        if (shape.m * shape.n == 0) return;
        if (shape.k == 0) throw declined("A and B have no inner elements");
        product_ = std::make_shared<const LtMatmul>(shape);
    }
    std::vector<Tactic> tactics(const Layer& l) const {
        return product_ ? matmulTactics(shapeOf(l)) : std::vector<Tactic>{{"heuristic_0"}};
    }
    std::uint64_t workspace(const Layer& l) const {
        if (!l.isConcrete()) return LtMatmul::kMostWorkspace;
        return product_ ? product_->workspace(tactic_.algorithm) : 0;
    }
    Cost cost(const Layer& l) const {
        const MatmulShape s = shapeOf(l);
        const auto m = static_cast<double>(s.m), n = static_cast<double>(s.n), k = static_cast<double>(s.k);
        return {2 * m * n * k, (m * k + k * n + m * n) * elementBytes(s.type)};
    }
    void run(const Launch& l) const {
        if (elementCount(l.outputDesc(0).dims) == 0) return;
        if (!product_) throw Error("the layer was configured for no elements", Status::internal);
        const bool inEpilogue = addsBias(l.layer());
        const bool accumulates = l.hasInput(2) && beta != 0 && !inEpilogue;
        if (accumulates) spreadC(l);
        product_->run(tactic_.algorithm,
                      {l.inputData(0), l.inputData(1), inEpilogue ? l.inputData(2) : nullptr, l.outputData(0), alpha,
                       accumulates ? beta : 0, l.workspace(), l.workspaceSize()},
                      streamOf(l));
    }

private:
    MatmulShape shapeOf(const Layer& l) const {
        const abi::Dims &a = l.inputRange(0).opt, &b = l.inputRange(1).opt;
        MatmulShape s{.type = l.input(0).type, .m = a.d[transA ? 1 : 0], .n = b.d[transB ? 0 : 1], .k = a.d[transA ? 0 : 1]};
        s.transposeA = transA;
        s.transposeB = transB;
        s.strideY = s.m * s.n;
        s.hasBias = addsBias(l);
        s.isTf32 = tactic_.isTf32;
        return s;
    }
    // Whether C is one row that cuBLASLt can add to all rows as it writes them.
    bool addsBias(const Layer& l) const {
        if (!l.hasInput(2) || beta != 1 || l.input(0).type == DataType::f64) return false;
        const abi::Dims& c = l.inputRange(2).opt;
        const std::int64_t n = l.outputRange(0).opt.d[1];
        return elementCount(c) == n && c.rank >= 1 && c.d[c.rank - 1] == n;
    }
    static void spreadC(const Launch& l) {
        const abi::TensorDesc &c = l.inputDesc(2), &y = l.outputDesc(0);
        const Walk<1> from = broadcastWalk<1>(y, {&c});
        Walk<2> w;
        std::int64_t step = 1;
        for (int d = 0; d < from.rank; step *= from.extent[d++])
            w.enclose(from.extent[d], {step, from.stride[0][d]});
        check(copyStrided(w, elementBytes(y.type), l.outputData(0), l.inputData(2), streamOf(l)));
    }

    std::shared_ptr<const LtMatmul> product_;  // null: Y has no elements
    MatmulTactic tactic_;
};

}  // namespace tenon::cuda

TENON_OPERATORS(gemm, tenon::cuda::Gemm)
