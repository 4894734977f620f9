// y[i, j, k] = x[i, indices[i, j, k], k], for axis 1 (ONNX GatherElements opset 11 and later).
#include "indices.h"

namespace tenon::reference {
using namespace sdk;

struct GatherElements {
    std::int64_t axis = 0;
    static constexpr Identity identity{.name = "GatherElements", .since = 11};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(i32 | i64)), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &GatherElements::axis, "axis that the indices select from")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[1].dims();
        checkElementIndices(x[0], x[1], x[0].axis(axis));
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const Indices indices(l, 1);
        const auto at = static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(dims.size()) : axis);
        indices.check(dims[at]);
        const ElementWalk walk(dims, dimsOf(l.inputDesc(1)), at);
        dispatchSize(l.inputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            E* y = l.output<E>(0).data;
            parallelFor(indices.size(), 16384, [&](std::int64_t begin, std::int64_t end) {
                walk.forEach(indices, begin, end, [&](std::int64_t i, std::int64_t from) { y[i] = x[from]; });
            });
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(gather_elements, tenon::reference::GatherElements)
