// y = x, but y[i, indices[i, j, k], k] = updates[i, j, k] for axis 1, or combined with it (ONNX ScatterElements opset 11 and
// later; reduction opset 16 and 18; Scatter opset 9 is its old name).
#include "scatter_reduction.h"

namespace tenon::reference {
using namespace sdk;

struct ScatterElements {
    std::int64_t axis = 0;
    std::string reduction = "none";
    static constexpr Identity identity{.name = "ScatterElements", .since = 11};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(i32 | i64), T), out(T)));
    static constexpr int alias = 0;
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "axis", &ScatterElements::axis, "axis that the indices select from"),
            attr(2, "reduction", &ScatterElements::reduction, "how an update meets the element").oneOf("none|add|mul|max|min")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        checkElementIndices(x[0], x[1], x[0].axis(axis));
        bool same = x[2].rank() == x[1].rank();
        for (int i = 0; same && i < x[1].rank(); ++i)
            same = !x[1][i].isConstant() || !x[2][i].isConstant() || x[1][i].same(x[2][i]);
        if (!same) throw Error("indices and updates have different dims");
    }
    void configure(const Layer& layer) { checkReduction(layer, reduction); }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const Indices indices(l, 1);
        const auto at = static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(dims.size()) : axis);
        indices.check(dims[at]);
        const ElementWalk elements(dims, dimsOf(l.inputDesc(1)), at);
        scatter(l, reduction, [&](auto&& update) {
            elements.forEach(indices, 0, indices.size(), [&](std::int64_t i, std::int64_t to) { update(to, i); });
        });
    }
};

struct Scatter : ScatterElements {
    static constexpr Identity identity{.name = "Scatter", .since = 9};
    static constexpr auto attributes() {
        return std::tuple{attr<Scatter, std::int64_t>(1, "axis", &Scatter::axis, "axis that the indices select from")};
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(scatter_elements, tenon::reference::ScatterElements, tenon::reference::Scatter)
