// y = x as a matrix: dims before axis are rows, the others columns (ONNX Flatten opset 1 and later).
#include "view.h"

namespace tenon::reference {
using namespace sdk;

struct Flatten {
    std::int64_t axis = 1;
    static constexpr Identity identity{.name = "Flatten", .since = 1};
    static constexpr Slot T = var('T', anyType | halfBytes);
    static constexpr auto formats = rows(row(T, T));
    static constexpr int alias = 0;
    static constexpr bool view = true;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &Flatten::axis, "first dimension that becomes columns, in [-rank, rank]")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(2);
        const int rank = x[0].rank();
        if (axis < -rank || axis > rank) throw Error("axis " + std::to_string(axis) + " is beyond rank " + std::to_string(rank));
        const int at = static_cast<int>(axis < 0 ? axis + rank : axis);
        y[0] = Shape{x[0].product(0, at), x[0].product(at, rank)};
    }
    void run(const Launch& l) const { copyBytes(l); }
};

}  // namespace tenon::reference

TENON_OPERATORS(flatten, tenon::reference::Flatten)
