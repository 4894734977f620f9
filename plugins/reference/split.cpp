// The outputs are consecutive parts of x along one axis: of the given lengths, or equal ones (ONNX Split opset 13 form: split
// is an input; num_outputs opset 18, where the last part may be shorter).
#include "axis_split.h"
#include "strided_copy.h"

namespace tenon::reference {
using namespace sdk;

struct Split {
    std::int64_t axis = 0;
    std::optional<std::int64_t> numOutputs;
    static constexpr Identity identity{.name = "Split", .since = 1};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, optional(i64)), out(variadic(T))));
    static constexpr std::uint64_t shapeInputs = bits(1);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &Split::axis, "axis that is split"),
                          attr(2, "num_outputs", &Split::numOutputs, "number of parts; default: the layer's outputs")};
    }
    void infer(Shapes x, Shapes y) const {
        for (int i = 0; i < y.count(); ++i)
            y[i] = x[0].dims();
        const int at = x[0].axis(axis);
        for (int i = 0; i < y.count(); ++i)
            y[i][at] = Dim::unknown();
        const std::vector<Dim> parts = x.has(1) ? given(x[1], x[0][at], y.count()) : equalParts(x[0][at], y.count());
        for (int i = 0; i < y.count(); ++i)
            y[i][at] = parts[static_cast<std::size_t>(i)];
        if (x[0].rank() == 1 && x[0].content) splitContent(*x[0].content, y);
    }
    void run(const Launch& l) const {
        const AxisSplit whole = splitAt(dimsOf(l.inputDesc(0)), axis);
        std::int64_t at = 0;
        for (int i = 0; i < l.layer().outputCount(); ++i) {
            const AxisSplit part = splitAt(dimsOf(l.outputDesc(i)), axis);
            StridedCopy copy;
            copy.add(part.outer, whole.extent * whole.inner, part.extent * part.inner);
            copy.add(part.extent * part.inner, 1, 1);
            copy.run(l.inputType(0), l.inputData(0), l.outputData(i), at * whole.inner, 0);
            at += part.extent;
        }
    }

private:
    static std::vector<Dim> given(const Shape& split, const Dim& extent, int count) {
        if (!split.content) throw Unresolved{};
        if (split.content->size() != static_cast<std::size_t>(count))
            throw Error("split has " + std::to_string(split.content->size()) + " lengths for " + std::to_string(count) +
                        " outputs");
        Dim total = 0;
        for (const Dim& d : *split.content) {
            if (d.isConstant() && d.value() < 0) throw Error("split has a length of " + std::to_string(d.value()));
            total = total + d;
        }
        if (total.isConstant() && extent.isConstant() && !total.same(extent))
            throw Error("split adds up to " + std::to_string(total.value()) + ", the axis has " + std::to_string(extent.value()));
        return *split.content;
    }
    std::vector<Dim> equalParts(const Dim& extent, int count) const {
        if (count == 0 || numOutputs.value_or(count) != count)
            throw Error("num_outputs is " + std::to_string(numOutputs.value_or(0)) + ", the layer has " + std::to_string(count) +
                        " outputs");
        const Dim part = ceilDiv(extent, count);
        std::vector<Dim> parts(static_cast<std::size_t>(count), part);
        if (extent.isConstant() && extent.value() % count == 0) return parts;
        if (extent.isConstant() && !numOutputs)
            throw Error("an axis of " + std::to_string(extent.value()) + " has no " + std::to_string(count) + " equal parts");
        if (!numOutputs) return parts;
        parts.back() = extent - part * (count - 1);
        if (parts.back().isConstant() && parts.back().value() < 0)
            throw Error("an axis of " + std::to_string(extent.value()) + " cannot be split into " + std::to_string(count) +
                        " parts");
        return parts;
    }
    static void splitContent(const std::vector<Dim>& content, Shapes y) {
        auto from = content.begin();
        for (int i = 0; i < y.count(); ++i) {
            if (!y[i][0].isConstant() || y[i][0].value() > content.end() - from) return;
            y[i].content.emplace(from, from + y[i][0].value());
            from += y[i][0].value();
        }
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(split, tenon::reference::Split)
