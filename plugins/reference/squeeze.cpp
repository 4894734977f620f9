// y = x without dimensions of extent 1: those named, or all (ONNX Squeeze opset 13 form: axes are an input).
#include "view.h"

namespace tenon::reference {
using namespace sdk;

struct Squeeze {
    static constexpr Identity identity{.name = "Squeeze", .since = 1};
    static constexpr Slot T = var('T', anyType | halfBytes);
    static constexpr auto formats = rows(row(in(T, optional(i64)), out(T)));
    static constexpr int alias = 0;
    static constexpr bool view = true;
    static constexpr std::uint64_t shapeInputs = bits(1);
    void infer(Shapes x, Shapes y) const {
        if (x.has(1) && !x[1].content && x[1].elements().isConstant())
            y[0] = Shape::ofRank(static_cast<int>(std::max<std::int64_t>(0, x[0].rank() - x[1].elements().value())));
        const bool all = !x.has(1);
        const std::uint32_t named = all ? 0 : axisSet(x[0], x[1].integers());
        Shape out = Shape::ofRank(0);
        for (int i = 0; i < x[0].rank(); ++i) {
            const Dim& d = x[0][i];
            const bool drop = all ? d.value() == 1 : ((named >> i) & 1U) != 0;
            if (!drop) out.append(d);
            else if (d.isConstant() && !d.is(1))
                throw Error("dimension " + std::to_string(i) + " is " + std::to_string(d.value()) + ", only 1 can be squeezed");
        }
        y[0] = out;
        y[0].content = x[0].content;
    }
    void run(const Launch& l) const { copyBytes(l); }
};

}  // namespace tenon::reference

TENON_OPERATORS(squeeze, tenon::reference::Squeeze)
