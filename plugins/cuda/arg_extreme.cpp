// y = index along one axis of the largest or the smallest element (ONNX ArgMax, ArgMin opset 12 form).
#include "../reference/axis_rules.h"
#include "../reference/axis_split.h"
#include "cuda_op.h"
#include "kernels/reduce.h"

namespace tenon::cuda {
using namespace sdk;

template <bool Largest>
struct ArgExtreme {
    std::int64_t axis = 0;
    bool keepdims = true, selectLastIndex = false;
    static constexpr Identity identity{.name = Largest ? "ArgMax" : "ArgMin", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr auto formats = rows(row(floats | i32 | i64, i64));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &ArgExtreme::axis, "axis that is searched"),
                          attr(2, "keepdims", &ArgExtreme::keepdims, "whether the axis stays, with extent 1"),
                          attr(3, "select_last_index", &ArgExtreme::selectLastIndex, "whether ties go to the last index")};
    }
    void infer(Shapes x, Shapes y) const { y[0] = reference::searchedShape(x[0], axis, keepdims); }
    void run(const Launch& l) const {
        const reference::AxisSplit s = reference::splitAt(dimsOf(l.inputDesc(0)), axis);
        check(argExtreme(Largest, selectLastIndex, l.inputType(0), s.outer, s.extent, s.inner, l.inputData(0),
                         l.output<std::int64_t>(0).data, streamOf(l)));
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(arg_extreme, tenon::cuda::ArgExtreme<true>, tenon::cuda::ArgExtreme<false>)
