// y = condition ? a : b, element by element with numpy's broadcasting of all three (ONNX Where opset 9 and later).
#include "../reference/broadcast.h"
#include "cuda_op.h"
#include "kernels/pointwise.h"

namespace tenon::cuda {
using namespace sdk;

struct Where {
    static constexpr Identity identity{.name = "Where", .since = 9, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable);
    static constexpr auto formats = rows(row(Slot(boolean), T, T, T).anyLayout());
    void infer(Shapes x, Shapes y) const {
        y[0] = broadcast(broadcast(x[0], x[1]), x[2]);
        reference::broadcastContent(y[0], choose, x[0], x[1], x[2]);
    }
    void run(const Launch& l) const {
        const auto walk = broadcastWalk<3>(l.outputDesc(0), {&l.inputDesc(0), &l.inputDesc(1), &l.inputDesc(2)});
        check(select(walk, elementBytes(l.outputType(0)), l.inputData(0), l.inputData(1), l.inputData(2), l.outputData(0),
                     streamOf(l)));
    }

private:
    static Dim choose(const Dim& condition, const Dim& a, const Dim& b) {
        if (condition.isConstant()) return condition.is(0) ? b : a;
        return a.same(b) ? a : condition * a + (Dim(1) - condition) * b;
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(where, tenon::cuda::Where)
