// y = reduction of x over axes (ONNX ReduceL1, L2, LogSum, LogSumExp, Max, Mean, Min, Prod, Sum, SumSquare opset 18 form).
#include "kernels/reduce.h"
#include "../reference/reduction.h"
#include "cuda_op.h"

namespace tenon::cuda {
using namespace sdk;

// Attributes and shape rule are those of the reference family.
template <class F>
struct Reduce : reference::Reduce<F> {
    static constexpr Identity identity{.name = F::kName, .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    void run(const Launch& l) const {
        const abi::TensorDesc& x = l.inputDesc(0);
        const std::uint64_t axes = axisSet(l.hasInput(1) ? l.integers(1) : std::vector<std::int64_t>{}, x.dims.rank);
        const Strides strides = stridesOf(x);
        Walk<1> kept, reduced;
        for (int d = x.dims.rank; d-- > 0;)
            (((axes >> d) & 1U) != 0 ? reduced : kept).enclose(x.dims.d[d], {strides[static_cast<std::size_t>(d)]});
        check(reduce(F::kOp, x.type, kept, reduced, l.inputData(0), l.outputData(0), streamOf(l)));
    }

private:
    std::uint64_t axisSet(const std::vector<std::int64_t>& axes, int rank) const {
        if (axes.empty()) return this->noopWithEmptyAxes ? 0 : (std::uint64_t{1} << rank) - 1;
        std::uint64_t set = 0;
        for (const std::int64_t a : axes)
            set |= std::uint64_t{1} << (a < 0 ? a + rank : a);
        return set;
    }
};

#define TENON_REDUCE(operatorName, code, typeSet)                    \
    struct operatorName##Of {                                        \
        static constexpr const char* kName = "Reduce" #operatorName; \
        static constexpr TypeSet kTypes = typeSet;                   \
        static constexpr ReduceOp kOp = ReduceOp::code;              \
    };                                                               \
    using operatorName = Reduce<operatorName##Of>;
TENON_REDUCE(L1, l1, floats)
TENON_REDUCE(L2, l2, floats)
TENON_REDUCE(LogSum, logSum, floats)
TENON_REDUCE(LogSumExp, logSumExp, floats)
TENON_REDUCE(Max, max, floats | i32 | i64)
TENON_REDUCE(Mean, mean, floats)
TENON_REDUCE(Min, min, floats | i32 | i64)
TENON_REDUCE(Prod, prod, floats | i32 | i64)
TENON_REDUCE(Sum, sum, floats | i32 | i64)
TENON_REDUCE(SumSquare, sumSquare, floats)
#undef TENON_REDUCE

}  // namespace tenon::cuda

TENON_OPERATORS(reduce, tenon::cuda::L1, tenon::cuda::L2, tenon::cuda::LogSum, tenon::cuda::LogSumExp, tenon::cuda::Max,
                tenon::cuda::Mean, tenon::cuda::Min, tenon::cuda::Prod, tenon::cuda::Sum, tenon::cuda::SumSquare)
