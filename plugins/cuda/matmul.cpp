// Y = A B with numpy's matmul semantics: batches broadcast, vectors are rows or columns (ONNX MatMul), by cuBLASLt.
#include "../reference/matrix_product.h"
#include "kernels/strided.h"
#include "lt_matmul.h"

namespace tenon::cuda {
using namespace sdk;

struct MatMul {
    static constexpr Identity identity{.name = "MatMul", .since = 1, .implementation = "cuda.cublaslt"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T));
    void infer(Shapes x, Shapes y) const { y[0] = reference::multiplied(x[0], x[1]); }
    void configure(const Layer& l) {
        product_.reset();
        tactic_ = parseMatmulTactic(l.tactic());
        plan_ = planOf(l);
        if (plan_.loops.count * plan_.shape.m * plan_.shape.n * plan_.shape.k == 0) return;
        product_ = std::make_shared<const LtMatmul>(plan_.shape);
    }
    std::vector<Tactic> tactics(const Layer&) const {
        return product_ ? matmulTactics(plan_.shape) : std::vector<Tactic>{{"heuristic_0"}};
    }
    std::uint64_t workspace(const Layer& l) const {
        if (!l.isConcrete()) return LtMatmul::kMostWorkspace;
        return product_ ? product_->workspace(tactic_.algorithm) : 0;
    }
    Cost cost(const Layer& l) const { return reference::productCost(l, 0, 1); }
    void run(const Launch& l) const {
        const abi::TensorDesc& y = l.outputDesc(0);
        const int bytes = elementBytes(y.type);
        if (!product_) return check(fill(l.outputData(0), elementCount(y.dims), bytes, nullptr, streamOf(l)));
        const std::int64_t perCall = plan_.shape.batch * plan_.shape.m * plan_.shape.n;
        for (std::int64_t i = 0; i < plan_.loops.count; ++i) {
            std::int64_t left = i, a = 0, b = 0;
            for (int d = 0; d < plan_.loops.rank; left /= plan_.loops.extent[d++]) {
                a += left % plan_.loops.extent[d] * plan_.loops.stride[0][d];
                b += left % plan_.loops.extent[d] * plan_.loops.stride[1][d];
            }
            product_->run(tactic_.algorithm,
                          {advance(l.inputData(0), a, bytes), advance(l.inputData(1), b, bytes), nullptr,
                           advance(l.outputData(0), i * perCall, bytes), 1.0F, 0.0F, l.workspace(), l.workspaceSize()},
                          streamOf(l));
        }
    }

private:
    // One batched product, repeated over `loops` (offsets in A and B; Y is dense).
    struct Plan {
        MatmulShape shape{};
        Walk<2> loops;
    };

    Plan planOf(const Layer& l) const {
        const abi::Dims &a = l.inputRange(0).opt, &b = l.inputRange(1).opt;
        MatmulShape s{.type = l.input(0).type,
                      .m = a.rank == 1 ? 1 : a.d[a.rank - 2],
                      .n = b.rank == 1 ? 1 : b.d[b.rank - 1],
                      .k = a.d[a.rank - 1]};
        s.isTf32 = tactic_.isTf32;
        const Walk<2> batches = batchWalk(a, b, s.m * s.k, s.k * s.n);
        Plan p{s, {}};
        if (batches.rank == 0) return p;
        int used = 1;
        if (batches.rank == 1 && batches.stride[1][0] == 0 && batches.stride[0][0] == s.m * s.k) {
            p.shape.m *= batches.extent[0];  // B is shared: the rows of all A are rows of one product
        } else {
            p.shape.batch = batches.extent[0];
            p.shape.strideA = batches.stride[0][0];
            p.shape.strideB = batches.stride[1][0];
            p.shape.strideY = s.m * s.n;
        }
        for (; used < batches.rank; ++used)
            p.loops.enclose(batches.extent[used], {batches.stride[0][used], batches.stride[1][used]});
        if (p.loops.rank > 0) p.shape.alignment = elementBytes(s.type);
        return p;
    }
    static Walk<2> batchWalk(const abi::Dims& a, const abi::Dims& b, std::int64_t matrixA, std::int64_t matrixB) {
        Walk<2> w;
        std::int64_t stepA = matrixA, stepB = matrixB;
        for (int back = 3; back <= std::max(a.rank, b.rank); ++back) {
            const std::int64_t sizeA = back <= a.rank ? a.d[a.rank - back] : 1, sizeB = back <= b.rank ? b.d[b.rank - back] : 1;
            w.enclose(sizeA == 1 ? sizeB : sizeA, {sizeA == 1 ? 0 : stepA, sizeB == 1 ? 0 : stepB});
            stepA *= sizeA;
            stepB *= sizeB;
        }
        return w;
    }

    std::shared_ptr<const LtMatmul> product_;  // null: no products
    Plan plan_;
    MatmulTactic tactic_;
};

}  // namespace tenon::cuda

TENON_OPERATORS(matmul, tenon::cuda::MatMul)
