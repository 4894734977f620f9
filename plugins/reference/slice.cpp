// y = x from starts up to ends by steps, along some axes (ONNX Slice opset 10 and later; opset 1 normalised to it).
#include "strided_copy.h"

namespace tenon::reference {
using namespace sdk;

struct Slice {
    static constexpr Identity identity{.name = "Slice", .since = 1};
    static constexpr Slot T = var('T', anyType), I = var('I', i32 | i64);
    static constexpr auto formats = rows(row(in(T, I, I, optional(I), optional(I)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1, 2, 3, 4);
    void infer(Shapes x, Shapes y) const {
        const std::vector<int> axes = sliced(x, y);
        y[0] = x[0].dims();
        const auto entry = [&](int input, std::size_t i) {
            if (input > 2 && !x.has(input)) return Dim(1);
            if (!x[input].content) return Dim::unknown();
            if (x[input].content->size() != axes.size()) throw Error("starts, ends, axes and steps differ in length");
            return (*x[input].content)[i];
        };
        std::optional<Range> line;
        for (std::size_t i = 0; i < axes.size(); ++i) {
            const Range r = rangeOf(entry(1, i), entry(2, i), entry(4, i), x[0][axes[i]]);
            y[0][axes[i]] = r.extent;
            line = r;
        }
        if (x[0].rank() == 1 && x[0].content) y[0].content = line ? picked(*x[0].content, *line) : x[0].content;
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0)), outDims = dimsOf(l.outputDesc(0));
        auto from = denseSteps(dims);
        const auto to = denseSteps(outDims);
        const std::vector<std::int64_t> starts = l.integers(1), ends = l.integers(2);
        const std::vector<std::int64_t> axes = l.hasInput(3) ? l.integers(3) : std::vector<std::int64_t>{};
        const std::vector<std::int64_t> steps = l.hasInput(4) ? l.integers(4) : std::vector<std::int64_t>(starts.size(), 1);
        const Shape ranked = Shape::ofRank(static_cast<int>(dims.size()));
        const std::size_t axisCount = axes.empty() ? std::min(starts.size(), dims.size()) : axes.size();
        if (starts.size() != axisCount || ends.size() != axisCount || steps.size() != axisCount)
            throw Error("starts, ends, axes and steps differ in length");
        std::int64_t offset = 0;
        for (std::size_t i = 0; i < starts.size(); ++i) {
            const auto at = axes.empty() ? i : static_cast<std::size_t>(ranked.axis(axes[i]));
            const Range r = rangeOf(starts[i], ends[i], steps[i], dims[at]);
            if (!r.extent.is(outDims[at])) throw Error("the bounds do not give the output's dims");
            if (r.extent.is(0)) return;
            offset += r.start.value() * from[at];
            from[at] *= r.extent.is(1) ? 1 : r.step;
        }
        StridedCopy copy;
        for (std::size_t d = 0; d < dims.size(); ++d)
            copy.add(outDims[d], from[d], to[d]);
        copy.run(l.inputType(0), l.inputData(0), l.outputData(0), offset, 0);
    }

private:
    struct Range {
        Dim start, extent;
        std::int64_t step = 1;
    };
    // The axes that are sliced. Throws Unresolved, with the output's rank set, when they are not known yet.
    static std::vector<int> sliced(const Shapes& x, Shapes y) {
        y[0] = Shape::ofRank(x[0].rank());
        std::vector<int> axes;
        if (x.has(3)) {
            for (const std::int64_t a : x[3].integers())
                axes.push_back(x[0].axis(a));
        } else {
            const std::int64_t count = x[1].content ? static_cast<std::int64_t>(x[1].content->size()) : x[1].elements().value();
            for (std::int64_t i = 0; i < count; ++i)
                axes.push_back(x[0].axis(i));
        }
        std::uint32_t seen = 0;
        for (const int a : axes) {
            if (((seen >> a) & 1U) != 0) throw Error("axis " + std::to_string(a) + " is sliced twice");
            seen |= 1U << a;
        }
        return axes;
    }
    // A negative bound counts from the end.
    static Dim fromEnd(const Dim& bound, const Dim& extent) {
        if (!bound.isConstant()) return bound + less(bound, 0) * extent;
        return bound.value() < 0 ? bound + extent : bound;
    }
    // A bound that may be negative, brought into [low, high]. Beyond 32 bits it stands for the very beginning or end, so that
    // symbols stay simple.
    static Dim clamp(const Dim& bound, const Dim& extent, const Dim& low, const Dim& high) {
        constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int32_t>::max();
        if (bound.isConstant() && !high.isConstant()) {
            if (bound.value() >= kToTheEnd) return high;
            if (bound.value() < -kToTheEnd || (bound.is(0) && low.is(0)))
                return high.same(extent) || low.is(-1) ? low : min(low, high);
        }
        const Dim at = fromEnd(bound, extent);
        return at.same(high) ? high : min(max(at, low), high);
    }
    static Range rangeOf(const Dim& start, const Dim& end, const Dim& by, const Dim& extent) {
        constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max() / 2;
        if (by.is(0)) throw Error("a step is 0");
        if (!by.isConstant()) return {Dim::unknown(), Dim::unknown(), 1};
        const std::int64_t step = std::clamp(by.value(), -kLargest, kLargest);
        const Dim last = extent - 1;
        if (step > 0) {
            const Dim first = clamp(start, extent, 0, extent), stop = clamp(end, extent, 0, extent);
            return {first, first.is(0) ? ceilDiv(stop, step) : max(ceilDiv(stop - first, step), 0), step};
        }
        const Dim first = clamp(start, extent, 0, last), stop = clamp(end, extent, -1, last);
        return {first, stop.is(-1) ? ceilDiv(first + 1, -step) : max(ceilDiv(first - stop, -step), 0), step};
    }
    static std::optional<std::vector<Dim>> picked(const std::vector<Dim>& content, const Range& r) {
        if (!r.start.isConstant() || !r.extent.isConstant()) return std::nullopt;
        std::vector<Dim> out;
        for (std::int64_t i = 0; i < r.extent.value(); ++i)
            out.push_back(content.at(static_cast<std::size_t>(r.start.value() + i * r.step)));
        return out;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(slice, tenon::reference::Slice)
