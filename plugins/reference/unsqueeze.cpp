// y = x with dimensions of extent 1 put in at the axes of y (ONNX Unsqueeze opset 13 form: axes are an input).
#include "view.h"

namespace tenon::reference {
using namespace sdk;

struct Unsqueeze {
    static constexpr Identity identity{.name = "Unsqueeze", .since = 1};
    static constexpr Slot T = var('T', anyType | halfBytes);
    static constexpr auto formats = rows(row(in(T, Slot(i64)), out(T)));
    static constexpr int alias = 0;
    static constexpr bool view = true;
    static constexpr std::uint64_t shapeInputs = bits(1);
    void infer(Shapes x, Shapes y) const {
        const std::int64_t added = x[1].content ? static_cast<std::int64_t>(x[1].content->size()) : x[1].elements().value();
        const std::int64_t rank = x[0].rank() + added;
        if (rank > abi::kMaxRank) throw Error("the output would have " + std::to_string(rank) + " dimensions");
        y[0] = Shape::ofRank(static_cast<int>(rank));
        const std::uint32_t set = axisSet(y[0], x[1].integers());
        for (int i = 0, from = 0; i < rank; ++i)
            y[0][i] = ((set >> i) & 1U) != 0 ? Dim(1) : x[0][from++];
        y[0].content = x[0].content;
    }
    void run(const Launch& l) const { copyBytes(l); }
};

}  // namespace tenon::reference

TENON_OPERATORS(unsqueeze, tenon::reference::Unsqueeze)
