// y[i0, i1, ...] = x with its dims permuted: dimension d of y is dimension perm[d] of x (ONNX Transpose).
#include "cuda_op.h"
#include "kernels/strided.h"

namespace tenon::cuda {
using namespace sdk;

struct Transpose {
    std::vector<std::int64_t> perm;
    static constexpr Identity identity{.name = "Transpose", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "perm", &Transpose::perm, "dimension of x for each of y; empty: reversed")};
    }
    void infer(Shapes x, Shapes y) const {
        const auto order = permutation(x[0].rank());
        Shape out = Shape::ofRank(0);
        for (const int d : order)
            out.append(x[0][d]);
        y[0] = out;
    }
    void run(const Launch& l) const {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        const auto order = permutation(x.dims.rank);
        const Strides from = stridesOf(x);
        Walk<2> w;
        std::int64_t step = 1;
        for (int d = y.dims.rank; d-- > 0; step *= y.dims.d[d])
            w.enclose(y.dims.d[d], {step, from[static_cast<std::size_t>(order[static_cast<std::size_t>(d)])]});
        check(copyStrided(w, elementBytes(x.type), l.outputData(0), l.inputData(0), streamOf(l)));
    }

private:
    std::vector<int> permutation(int rank) const {
        std::vector<int> order;
        std::uint64_t seen = 0;
        for (int i = 0; perm.empty() && i < rank; ++i)
            order.push_back(rank - 1 - i);
        if (!perm.empty() && perm.size() != static_cast<std::size_t>(rank))
            throw Error("perm has " + std::to_string(perm.size()) + " entries, the input has rank " + std::to_string(rank));
        for (const std::int64_t p : perm) {
            if (p < 0 || p >= rank || ((seen >> p) & 1U) != 0) throw Error("perm is not a permutation");
            seen |= std::uint64_t{1} << p;
            order.push_back(static_cast<int>(p));
        }
        return order;
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(transpose, tenon::cuda::Transpose)
