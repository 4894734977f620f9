// y = x with elements put before and after along some axes: a constant, mirrored, the edge repeated, or wrapped around; negative
// pads remove elements (ONNX Pad opset 11 and later; axes opset 18, wrap opset 19; older forms normalised to it).
#include "axis_split.h"
#include "strided_copy.h"
#include "whole_bytes.h"

namespace tenon::reference {
using namespace sdk;

struct Pad : OnWholeBytes<Pad> {
    std::string mode = "constant";
    static constexpr Identity identity{.name = "Pad", .since = 1};
    static constexpr Slot T = var('T', anyType | halfBytes);
    static constexpr auto formats = rows(row(in(T, Slot(i64), optional(T), optional(i32 | i64)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1, 3);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "mode", &Pad::mode, "what is put in").oneOf("constant|reflect|edge|wrap")};
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        y[0] = Shape::ofRank(rank);
        if (x.has(2) && x[2].elements().isConstant() && !x[2].elements().is(1)) throw Error("the constant must be one element");
        const std::vector<std::int64_t> axes = x.has(3) ? x[3].integers() : std::vector<std::int64_t>{};
        const std::vector<int> padded = paddedAxes(rank, x.has(3) ? &axes : nullptr);
        if (!x[1].content) throw Unresolved{};
        const std::vector<Dim>& pads = *x[1].content;
        if (pads.size() != 2 * padded.size())
            throw Error(std::to_string(pads.size()) + " pads for " + std::to_string(padded.size()) + " axes");
        y[0] = x[0].dims();
        for (std::size_t i = 0; i < padded.size(); ++i) {
            const Dim &before = pads[i], &after = pads[i + padded.size()], &extent = x[0][padded[i]];
            checkReasonable(before);
            checkReasonable(after);
            y[0][padded[i]] = extent + before + after;
            if (y[0][padded[i]].isConstant() && y[0][padded[i]].value() < 0)
                throw Error("pads leave " + std::to_string(y[0][padded[i]].value()) + " elements along axis " +
                            std::to_string(padded[i]));
        }
    }
    void runWhole(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0)), outDims = dimsOf(l.outputDesc(0));
        if (elementCount(l.outputDesc(0).dims) == 0) return;
        const std::vector<std::int64_t> pads = l.integers(1);
        const std::vector<std::int64_t> axes = l.hasInput(3) ? l.integers(3) : std::vector<std::int64_t>{};
        const std::vector<int> padded = paddedAxes(static_cast<int>(dims.size()), l.hasInput(3) ? &axes : nullptr);
        std::vector<Axis> sources(dims.size());
        for (std::size_t d = 0; d < dims.size(); ++d)
            sources[d] = {0, dims[d], dims[d]};
        for (std::size_t i = 0; i < padded.size(); ++i)
            sources[static_cast<std::size_t>(padded[i])] =
                axisOf(pads[i], pads[i + padded.size()], dims[static_cast<std::size_t>(padded[i])]);
        dispatchSize(l.inputType(0), [&]<class E>() {
            const E value = l.hasInput(2) ? l.input<E>(2)[0] : E{};
            fill(sources, dims, outDims, l.input<E>(0).data, l.output<E>(0).data, value);
        });
    }

private:
    // Along one axis output i shows source i - before: of the elements [first, first + count) that are left of the input.
    struct Axis {
        std::int64_t before = 0, count = 0, extent = 0;
        std::int64_t first = 0;
    };
    static std::vector<int> paddedAxes(int rank, const std::vector<std::int64_t>* axes) {
        std::vector<int> padded;
        const Shape ranked = Shape::ofRank(rank);
        for (int i = 0; axes == nullptr && i < rank; ++i)
            padded.push_back(i);
        for (std::size_t i = 0; axes != nullptr && i < axes->size(); ++i) {
            padded.push_back(ranked.axis((*axes)[i]));
            if (std::count(padded.begin(), padded.end(), padded.back()) > 1) throw Error("an axis is padded twice");
        }
        return padded;
    }
    static void checkReasonable(const Dim& pad) {
        constexpr std::int64_t kMost = std::int64_t{1} << 48;
        if (pad.isConstant() && (pad.value() > kMost || pad.value() < -kMost))
            throw Error("a pad is " + std::to_string(pad.value()));
    }
    // Negative pads cut first, so that only what is left is mirrored or repeated.
    Axis axisOf(std::int64_t before, std::int64_t after, std::int64_t extent) const {
        if (mode == "constant") return {before, extent, extent, 0};
        const std::int64_t cut = std::max<std::int64_t>(-before, 0), left = extent - cut - std::max<std::int64_t>(-after, 0);
        if (left <= 0) throw Error("mode \"" + mode + "\" needs elements to repeat along every padded axis");
        return {std::max<std::int64_t>(before, 0), left, extent, cut};
    }
    // The input's index that output i shows, or -1 for the constant.
    std::int64_t source(const Axis& a, std::int64_t i) const {
        const std::int64_t at = i - a.before;
        if (at >= 0 && at < a.count) return a.first + at;
        if (mode == "constant") return -1;
        if (mode == "edge") return a.first + (at < 0 ? 0 : a.count - 1);
        const auto wrapped = [](std::int64_t v, std::int64_t period) { return (v % period + period) % period; };
        if (mode == "wrap") return a.first + wrapped(at, a.count);
        if (a.count == 1) return a.first;
        const std::int64_t turned = wrapped(at, 2 * (a.count - 1));
        return a.first + std::min(turned, 2 * (a.count - 1) - turned);
    }
    template <class E>
    void fill(const std::vector<Axis>& axes, std::span<const std::int64_t> dims, std::span<const std::int64_t> outDims,
              const E* x, E* y, E value) const {
        if (axes.empty()) {
            *y = *x;
            return;
        }
        const auto steps = denseSteps(dims);
        const Axis inner = axes.back();
        const std::int64_t width = outDims.back();
        const std::int64_t begin = std::clamp<std::int64_t>(inner.before, 0, width);
        const std::int64_t end = std::clamp<std::int64_t>(inner.before + inner.count, begin, width);
        std::int64_t rows = 1;
        for (std::size_t d = 0; d + 1 < outDims.size(); ++d)
            rows *= outDims[d];
        parallelFor(rows, std::max<std::int64_t>(1, 16384 / width), [&](std::int64_t firstRow, std::int64_t lastRow) {
            for (std::int64_t r = firstRow; r < lastRow; ++r) {
                E* row = y + r * width;
                const std::int64_t from = rowSource(axes, outDims, steps, r);
                if (from < 0) {
                    std::fill_n(row, width, value);
                    continue;
                }
                const auto outside = [&](std::int64_t i) {
                    const std::int64_t at = source(inner, i);
                    row[i] = at < 0 ? value : x[from + at];
                };
                for (std::int64_t i = 0; i < begin; ++i)
                    outside(i);
                if (end > begin) std::copy_n(x + from + inner.first + begin - inner.before, end - begin, row + begin);
                for (std::int64_t i = end; i < width; ++i)
                    outside(i);
            }
        });
    }
    // Where the input's row for output row r starts, or -1 when all of it is the constant.
    std::int64_t rowSource(const std::vector<Axis>& axes, std::span<const std::int64_t> outDims,
                           const std::array<std::int64_t, abi::kMaxRank>& steps, std::int64_t r) const {
        std::int64_t from = 0;
        for (std::size_t d = outDims.size() - 1; d-- > 0;) {
            const std::int64_t at = source(axes[d], r % outDims[d]);
            if (at < 0) return -1;
            from += at * steps[d];
            r /= outDims[d];
        }
        return from;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(pad, tenon::reference::Pad)
