// y = x, but y[indices[i..., :]] = updates[i...], an element or a slice, or combined with it (ONNX ScatterND opset 11 and later;
// reduction opset 16 and 18).
#include "scatter_reduction.h"

namespace tenon::reference {
using namespace sdk;

struct ScatterND {
    std::string reduction = "none";
    static constexpr Identity identity{.name = "ScatterND", .since = 11};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(i64), T), out(T)));
    static constexpr int alias = 0;
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "reduction", &ScatterND::reduction, "how an update meets the element").oneOf("none|add|mul|max|min")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        const int last = x[1].rank() - 1;
        if (last < 0) throw Error("indices are a scalar");
        const std::int64_t depth = x[1][last].value();
        if (depth < 0 || depth > x[0].rank())
            throw Error("rows of " + std::to_string(depth) + " indices do not fit data of rank " + std::to_string(x[0].rank()));
        Shape wanted = Shape::ofRank(0);
        for (int i = 0; i < last; ++i)
            wanted.append(x[1][i]);
        for (int i = static_cast<int>(depth); i < x[0].rank(); ++i)
            wanted.append(x[0][i]);
        bool fits = x[2].rank() == wanted.rank();
        for (int i = 0; fits && i < wanted.rank(); ++i)
            fits = !wanted[i].isConstant() || !x[2][i].isConstant() || wanted[i].same(x[2][i]);
        if (!fits) throw Error("updates do not have the dims of the slices that the indices name");
    }
    void configure(const Layer& layer) { checkReduction(layer, reduction); }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0)), indexDims = dimsOf(l.inputDesc(1));
        const auto depth = static_cast<std::size_t>(indexDims.back());
        std::int64_t slice = 1, rows = 1;
        for (std::size_t i = depth; i < dims.size(); ++i)
            slice *= dims[i];
        for (std::size_t i = 0; i + 1 < indexDims.size(); ++i)
            rows *= indexDims[i];
        const SliceIndices indices(Indices(l, 1), dims, 0, depth);
        indices.check(rows);
        scatter(l, reduction, [&](auto&& update) {
            for (std::int64_t r = 0; r < rows && slice > 0; ++r) {
                const std::int64_t to = indices.offset(r);
                for (std::int64_t i = 0; i < slice; ++i)
                    update(to + i, r * slice + i);
            }
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(scatter_nd, tenon::reference::ScatterND)
