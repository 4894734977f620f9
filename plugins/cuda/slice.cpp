// y = x from start to end in steps, along each of some axes (ONNX Slice opset 10 and later).
#include "block_copy.h"

namespace tenon::cuda {
using namespace sdk;

struct Slice {
    static constexpr Identity identity{.name = "Slice", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', movable), I = var('I', i32 | i64);
    static constexpr auto formats = rows(row(in(T, I, I, optional(I), optional(I)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1, 2, 3, 4);
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(x[0].rank());
        const auto list = [&](int i) { return x.has(i) ? x[i].integers() : std::vector<std::int64_t>{}; };
        const auto starts = list(1), ends = list(2), axes = list(3), steps = list(4);
        checkCounts(starts, ends, axes, steps, x[0].rank());
        Shape out = x[0].dims();
        for (std::size_t i = 0; i < starts.size(); ++i) {
            const int at = axes.empty() ? static_cast<int>(i) : x[0].axis(axes[i]);
            const std::int64_t step = steps.empty() ? 1 : steps[i];
            out[at] = x[0][at].isConstant() ? Dim(rangeOf(starts[i], ends[i], step, x[0][at].value()).count)
                                            : symbolicCount(starts[i], ends[i], step, x[0][at]);
        }
        if (x[0].content && x[0].rank() == 1 && starts.size() == 1 && x[0][0].isConstant())
            pick(*x[0].content, rangeOf(starts[0], ends[0], steps.empty() ? 1 : steps[0], x[0][0].value()), out);
        y[0] = out;
    }
    void run(const Launch& l) const {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        const auto list = [&](int i) { return l.hasInput(i) ? l.integers(i) : std::vector<std::int64_t>{}; };
        const auto starts = list(1), ends = list(2), axes = list(3), steps = list(4);
        Box from = wholeOf(x);
        for (std::size_t i = 0; i < starts.size(); ++i) {
            const std::int64_t a = axes.empty() ? static_cast<std::int64_t>(i) : axes[i];
            const auto at = static_cast<std::size_t>(a < 0 ? a + x.dims.rank : a);
            const Range r = rangeOf(starts[i], ends[i], steps.empty() ? 1 : steps[i], x.dims.d[at]);
            from.offset += r.first * from.strides[at];
            from.strides[at] *= r.step;
        }
        copyBox(l, y.dims, memoryOrder(y), wholeOf(y), l.outputData(0), from, l.inputData(0), x.type);
    }

private:
    struct Range {
        std::int64_t first, step, count;
    };
    static Range rangeOf(std::int64_t start, std::int64_t end, std::int64_t step, std::int64_t size) {
        const auto place = [&](std::int64_t v, std::int64_t low, std::int64_t high) {
            if (v < 0) v = v < -size ? low : v + size;
            return std::clamp(v, low, high);
        };
        if (size == 0) return {0, 1, 0};
        const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
        const std::int64_t first = place(start, 0, high), last = place(end, low, high);
        step = std::clamp<std::int64_t>(step, -size, size);  // beyond, one element is left anyway
        const std::int64_t distance = step > 0 ? last - first : first - last;
        const std::int64_t count = distance <= 0 ? 0 : (distance - 1) / (step > 0 ? step : -step) + 1;
        return {count == 0 ? 0 : first, count <= 1 ? 1 : step, count};
    }
    // The common forms over an extent that is not a number: a prefix or a suffix cut off, step 1.
    static Dim symbolicCount(std::int64_t start, std::int64_t end, std::int64_t step, const Dim& size) {
        constexpr std::int64_t kEnd = std::int64_t{1} << 31;
        if (step != 1) return Dim::unknown();
        const auto place = [&](std::int64_t v) {
            if (v >= kEnd - 1) return size;
            return v < 0 ? max(Dim(0), size + Dim(v)) : min(Dim(v), size);
        };
        if (start <= -kEnd) start = 0;
        return max(Dim(0), place(end) - place(start));
    }
    static void checkCounts(const std::vector<std::int64_t>& starts, const std::vector<std::int64_t>& ends,
                            const std::vector<std::int64_t>& axes, const std::vector<std::int64_t>& steps, int rank) {
        const std::size_t n = starts.size();
        if (ends.size() != n || (!axes.empty() && axes.size() != n) || (!steps.empty() && steps.size() != n) ||
            n > static_cast<std::size_t>(rank))
            throw Error("starts, ends, axes and steps must have one entry per sliced axis");
        for (const std::int64_t step : steps)
            if (step == 0) throw Error("a step is 0");
    }
    static void pick(const std::vector<Dim>& content, const Range& r, Shape& out) {
        out.content.emplace();
        for (std::int64_t i = 0; i < r.count; ++i)
            out.content->push_back(content[static_cast<std::size_t>(r.first + i * r.step)]);
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(slice, tenon::cuda::Slice)
