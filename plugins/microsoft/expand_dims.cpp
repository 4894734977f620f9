// y = x with a dimension of extent 1 put in at one axis of y (com.microsoft ExpandDims).
#include "../reference/view.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

struct ExpandDims {
    static constexpr Identity identity = contrib("ExpandDims");
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(i32)), out(T)));
    static constexpr int alias = 0;
    static constexpr bool view = true;
    static constexpr std::uint64_t shapeInputs = bits(1);
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() >= abi::kMaxRank) throw Error("the output would have " + std::to_string(x[0].rank() + 1) + " dimensions");
        y[0] = Shape::ofRank(x[0].rank() + 1);
        const auto axes = x[1].integers();
        if (axes.size() != 1) throw Error("axis must be one number");
        const int at = y[0].axis(axes[0]);
        for (int i = 0; i < y[0].rank(); ++i)
            y[0][i] = i == at ? Dim(1) : x[0][i < at ? i : i - 1];
        y[0].content = x[0].content;
    }
    void run(const Launch& l) const { reference::copyBytes(l); }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(expand_dims, tenon::microsoft::ExpandDims)
