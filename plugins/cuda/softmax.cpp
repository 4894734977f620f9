// y = softmax of x along one axis, or its logarithm (ONNX Softmax, LogSoftmax opset 13 and later).
#include "../reference/axis_split.h"
#include "cuda_op.h"
#include "kernels/reduce.h"

namespace tenon::cuda {
using namespace sdk;

template <bool Logarithm>
struct Softmax {
    std::int64_t axis = -1;
    static constexpr Identity identity{.name = Logarithm ? "LogSoftmax" : "Softmax", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() { return std::tuple{attr(1, "axis", &Softmax::axis, "axis of the lines")}; }
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        x[0].axis(axis);
    }
    void run(const Launch& l) const {
        const reference::AxisSplit s = reference::splitAt(dimsOf(l.inputDesc(0)), axis);
        check(softmax(Logarithm, l.inputType(0), s.outer, s.extent, s.inner, l.inputData(0), l.outputData(0), streamOf(l)));
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(softmax, tenon::cuda::Softmax<true>, tenon::cuda::Softmax<false>)
