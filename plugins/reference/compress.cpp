// y = the slices of x along an axis, or the elements of x, where condition is true (ONNX Compress opset 9 and later).
#include "axis_split.h"
#include "found_dims.h"

namespace tenon::reference {
using namespace sdk;

struct Compress final : FoundDims<Compress> {
    std::optional<std::int64_t> axis;
    static constexpr Identity identity{.name = "Compress", .since = 9};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(boolean)), out(T)));
    static constexpr std::uint32_t flags = abi::kDataDependentShape;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &Compress::axis, "axis of the slices; default: elements of the flattened input")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[1].rank() != 1) throw Error("condition must have rank 1, it has rank " + std::to_string(x[1].rank()));
        y[0] = axis ? x[0].dims() : Shape::ofRank(1);
        if (axis) y[0][x[0].axis(*axis)] = Dim::unknown();
    }
    abi::Dims bound(std::span<const abi::TensorDesc> inputs, int) const {
        const std::int64_t conditions = elementCount(inputs[1].dims);
        if (!axis) return makeDims({std::min(conditions, elementCount(inputs[0].dims))});
        return withExtent(inputs[0].dims, [&](std::int64_t extent) { return std::min(extent, conditions); });
    }
    void run(const Launch& l) const {
        AxisSplit s = axis ? splitAt(dimsOf(l.inputDesc(0)), *axis) : AxisSplit{1, elementCount(l.inputDesc(0).dims), 1};
        const auto condition = l.input<std::uint8_t>(1);
        const std::int64_t checked = std::min(s.extent, condition.size());
        for (std::int64_t i = s.extent; i < condition.size(); ++i)
            if (condition[i] != 0) throw Error("condition is true beyond the axis of " + std::to_string(s.extent));
        dispatchSize(l.inputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            E* y = l.output<E>(0).data;
            for (std::int64_t o = 0; o < s.outer && s.inner > 0; ++o)
                for (std::int64_t i = 0; i < checked; ++i)
                    if (condition[i] != 0) y = std::copy_n(x + (o * s.extent + i) * s.inner, s.inner, y);
        });
        const std::int64_t kept = checked - std::count(condition.data, condition.data + checked, std::uint8_t{0});
        found(0, axis ? withExtent(l.inputDesc(0).dims, [&](std::int64_t) { return kept; }) : makeDims({kept}));
    }

private:
    template <class F>
    abi::Dims withExtent(abi::Dims dims, F&& change) const {
        std::int64_t& extent = dims.d[*axis < 0 ? *axis + dims.rank : *axis];
        extent = change(extent);
        return dims;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(compress, tenon::reference::Compress)
