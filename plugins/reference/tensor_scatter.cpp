// y = the cache x with update written along one axis from write_indices[batch] on; circular: positions wrap around (ONNX
// TensorScatter opset 24).
#include "axis_split.h"
#include "view.h"
#include "whole_bytes.h"

namespace tenon::reference {
using namespace sdk;

struct TensorScatter : OnWholeBytes<TensorScatter> {
    std::int64_t axis = -2;
    std::string mode = "linear";
    static constexpr Identity identity{.name = "TensorScatter", .since = 24};
    static constexpr Slot T = var('T', anyType | halfBytes);
    static constexpr auto formats = rows(row(in(T, T, optional(Slot(i64))), out(T)));
    static constexpr int alias = 0;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &TensorScatter::axis, "sequence dimension, not the first"),
                          attr(2, "mode", &TensorScatter::mode, "what happens at the cache's end").oneOf("linear|circular")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        const int sequence = x[0].axis(axis);
        if (sequence == 0) throw Error("the sequence dimension must not be the first");
        if (x[1].rank() != x[0].rank()) throw Error("the update must have the rank of the cache");
        for (int i = 0; i < x[0].rank(); ++i) {
            const Dim &cache = x[0][i], &update = x[1][i];
            if (!cache.isConstant() || !update.isConstant()) continue;
            if (i == sequence ? update.value() > cache.value() : !update.same(cache))
                throw Error("an update of extent " + std::to_string(update.value()) + " for dimension " + std::to_string(i) +
                            " of the cache, " + std::to_string(cache.value()));
        }
        if (!x.has(2)) return;
        if (x[2].rank() != 1) throw Error("write_indices must have rank 1, found " + std::to_string(x[2].rank()));
        if (x[2][0].isConstant() && x[0][0].isConstant() && !x[2][0].same(x[0][0]))
            throw Error("write_indices must have one element for each sample of the batch");
    }
    void runWhole(const Launch& l) const {
        copyBytes(l);
        if (elementCount(l.inputDesc(1).dims) == 0) return;
        const auto dims = dimsOf(l.inputDesc(0));
        const AxisSplit cache = splitAt(dims, axis), update = splitAt(dimsOf(l.inputDesc(1)), axis);
        std::vector<std::int64_t> starts(static_cast<std::size_t>(dims[0]), 0);
        if (l.hasInput(2)) std::ranges::copy(l.input<std::int64_t>(2), starts.begin());
        for (std::int64_t& start : starts)
            start = startOf(start, cache.extent, update.extent);
        dispatchSize(l.inputType(0), [&]<class E>() {
            const E* from = l.input<E>(1).data;
            E* to = l.output<E>(0).data;
            const std::int64_t perSample = cache.outer / dims[0], rows = update.outer * update.extent;
            parallelFor(rows, std::max<std::int64_t>(1, 16384 / update.inner), [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t row = begin; row < end; ++row) {
                    const std::int64_t outer = row / update.extent;
                    const std::int64_t first = starts[static_cast<std::size_t>(outer / perSample)];
                    const std::int64_t at = (first + row % update.extent) % cache.extent;
                    std::copy_n(from + row * update.inner, update.inner, to + (outer * cache.extent + at) * cache.inner);
                }
            });
        });
    }

private:
    // The first position to write, inside the cache.
    std::int64_t startOf(std::int64_t index, std::int64_t extent, std::int64_t count) const {
        if (index < 0 || (mode == "linear" && index > extent - count))
            throw Error("write index " + std::to_string(index) + ": " + std::to_string(count) +
                        " positions do not fit into a cache of " + std::to_string(extent));
        return index % extent;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(tensor_scatter, tenon::reference::TensorScatter)
