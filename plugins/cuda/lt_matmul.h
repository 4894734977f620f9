// Matrix products of concrete shape by cuBLASLt.
#pragma once

#include "cuda_op.h"

#include <cublasLt.h>

namespace tenon::cuda {

// Y[m,n] = alpha op(A) op(B) + beta Y + bias, row-major, repeated `batch` times at these strides (0: the same matrix again).
struct MatmulShape {
    abi::DataType type;
    std::int64_t m, n, k;
    bool transposeA = false, transposeB = false;
    std::int64_t batch = 1, strideA = 0, strideB = 0, strideY = 0;
    bool hasBias = false;  // n numbers, added to every row
    bool isTf32 = false;
    std::int64_t alignment = 16;  // bytes, of all pointers
};

// [one thread per object; the calls share the process's handle]
class LtMatmul {
public:
    static constexpr std::uint64_t kMostWorkspace = 32U << 20;

    // Throws declined where cuBLASLt has no algorithm. All of m, n, k and batch are above 0.
    explicit LtMatmul(const MatmulShape& shape);

    // Algorithms that cuBLASLt's heuristic proposes, best first; at least one.
    int algorithmCount() const { return static_cast<int>(algorithms_.size()); }
    std::uint64_t workspace(int algorithm) const { return at(algorithm).workspaceSize; }

    struct Operands {
        const void *a, *b, *bias;
        void* y;
        float alpha, beta;
        void* workspace;
        std::uint64_t workspaceSize;
    };
    void run(int algorithm, const Operands& o, cudaStream_t stream) const;

private:
    const cublasLtMatmulHeuristicResult_t& at(int i) const {
        return algorithms_[static_cast<std::size_t>(std::min(i, algorithmCount() - 1))];
    }
    MatmulShape shape_;
    cublasLtMatmulDescOpaque_t operation_{};
    cublasLtMatrixLayoutOpaque_t a_{}, b_{}, y_{};
    std::vector<cublasLtMatmulHeuristicResult_t> algorithms_;
};

// Tactics of an operator made of one matrix product: "heuristic_0" ... and "heuristic_0_tf32" ...
struct MatmulTactic {
    int algorithm = 0;
    bool isTf32 = false;
};
MatmulTactic parseMatmulTactic(const std::string& name);  // an unknown name is the default
std::vector<sdk::Tactic> matmulTactics(MatmulShape shape);

}  // namespace tenon::cuda
