// y = f(x0, x1, ...), element by element with numpy's broadcasting (ONNX Max, Min, Sum opset 8 and later).
#include "../reference/broadcast.h"
#include "cuda_op.h"
#include "kernels/pointwise.h"

namespace tenon::cuda {
using namespace sdk;

template <class F>
struct Variadic {
    static constexpr Identity identity{.name = F::kName, .since = 6, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', F::kTypes);
    static constexpr auto formats = rows(row(in(variadic(T)), out(T)).anyLayout());
    void infer(Shapes x, Shapes y) const {
        Shape all = x[0];
        for (int i = 1; i < x.count(); ++i) {
            Shape next = broadcast(all, x[i]);
            reference::broadcastContent(next, F::symbolic, all, x[i]);
            all = next;
        }
        y[0] = all;
    }
    void run(const Launch& l) const {
        if (l.inputCount() == 1) return copyWhole(l, 0, 0);
        const abi::TensorDesc& y = l.outputDesc(0);
        for (int i = 1; i < l.inputCount(); ++i) {
            const auto walk = broadcastWalk<2>(y, {i == 1 ? &l.inputDesc(0) : &y, &l.inputDesc(i)});
            const void* soFar = i == 1 ? l.inputData(0) : l.outputData(0);
            check(binary(F::kOp, y.type, walk, soFar, l.inputData(i), l.outputData(0), streamOf(l)));
        }
    }
};

struct MaxOf {
    static constexpr const char* kName = "Max";
    static constexpr TypeSet kTypes = floats | i32 | i64;
    static constexpr BinaryOp kOp = BinaryOp::max;
    static Dim symbolic(const Dim& a, const Dim& b) { return max(a, b); }
};
struct MinOf {
    static constexpr const char* kName = "Min";
    static constexpr TypeSet kTypes = floats | i32 | i64;
    static constexpr BinaryOp kOp = BinaryOp::min;
    static Dim symbolic(const Dim& a, const Dim& b) { return min(a, b); }
};
struct SumOf {
    static constexpr const char* kName = "Sum";
    static constexpr TypeSet kTypes = floats;
    static constexpr BinaryOp kOp = BinaryOp::add;
    static Dim symbolic(const Dim& a, const Dim& b) { return a + b; }
};

}  // namespace tenon::cuda

TENON_OPERATORS(variadic, tenon::cuda::Variadic<tenon::cuda::MaxOf>, tenon::cuda::Variadic<tenon::cuda::MinOf>,
                tenon::cuda::Variadic<tenon::cuda::SumOf>)
