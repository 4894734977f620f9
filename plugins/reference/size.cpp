// y = the number of elements of x, a scalar (ONNX Size opset 1 and later).
#include <tenon/sdk/sdk.h>

namespace tenon::reference {
using namespace sdk;

struct Size {
    static constexpr Identity identity{.name = "Size", .since = 1};
    static constexpr auto formats = rows(row(anyType | halfBytes, i64));
    static constexpr std::uint64_t dimsOnlyInputs = bits(0);
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(0);
        y[0].content = {x[0].elements()};
    }
    void run(const Launch& l) const { l.output<std::int64_t>(0)[0] = elementCount(l.inputDesc(0).dims); }
};

}  // namespace tenon::reference

TENON_OPERATORS(size, tenon::reference::Size)
