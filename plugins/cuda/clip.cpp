// y = min(max(x, low), high); an absent bound is none (ONNX Clip opset 11 and later).
#include "cuda_op.h"
#include "kernels/pointwise.h"

namespace tenon::cuda {
using namespace sdk;

struct Clip {
    static constexpr Identity identity{.name = "Clip", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', floats | i32 | i64), X = T.with(kAllLayouts);
    static constexpr auto formats = rows(row(in(X, optional(T), optional(T)), out(X)));
    static constexpr int alias = 0;
    // x and y share one layout, whichever it is.
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        return (pos != 0 && pos != inputCount) || sharedLayoutFits(all[0], all[static_cast<std::size_t>(pos)], 1);
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        for (const int i : {1, 2})
            if (x.has(i) && x[i].elements().isConstant() && !x[i].elements().is(1))
                throw Error("a bound must be a scalar, found " + std::to_string(x[i].elements().value()) + " elements");
    }
    void run(const Launch& l) const {
        const auto bound = [&](int i) { return l.hasInput(i) ? l.inputData(i) : nullptr; };
        check(clip(l.inputType(0), storedElements(l.inputDesc(0)), l.inputData(0), bound(1), bound(2), l.outputData(0),
                   streamOf(l)));
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(clip, tenon::cuda::Clip)
