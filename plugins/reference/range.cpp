// y = start, start + delta, ... up to but without limit (ONNX Range opset 11 and later).
#include "arithmetic.h"

namespace tenon::reference {
using namespace sdk;

struct Range {
    std::int64_t stashType = 1;
    static constexpr Identity identity{.name = "Range", .since = 11};
    static constexpr TypeSet kTypes = floats | i16 | i32 | i64;
    static constexpr Slot T = var('T', kTypes);
    static constexpr auto formats = rows(row(in(T, T, T), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(0, 1, 2);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "stash_type", &Range::stashType, "type of the computation; double is used for all")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape::ofRank(1);
        for (int i = 0; i < 3; ++i)
            if (x[i].hasRank() && x[i].elements().isConstant() && !x[i].elements().is(1))
                throw Error("start, limit and delta must be scalars");
        if (!ints.has(x[0].type)) y[0] = Shape{count(x[0].numbers().at(0), x[1].numbers().at(0), x[2].numbers().at(0))};
        else if (x[0].content && x[1].content && x[2].content)
            inferIntegers(x[0].content->at(0), x[1].content->at(0), x[2].content->at(0), y[0]);
    }
    void run(const Launch& l) const {
        dispatch<kTypes>(l.outputType(0), [&]<class E>() {
            const E start = l.input<E>(0)[0], delta = l.input<E>(2)[0];
            const auto y = l.output<E>(0);
            for (std::int64_t i = 0; i < y.size(); ++i) {
                if constexpr (std::is_integral_v<E>)
                    y[i] = static_cast<E>(static_cast<std::uint64_t>(start) +
                                          static_cast<std::uint64_t>(i) * static_cast<std::uint64_t>(delta));
                else y[i] = elementFrom<E>(static_cast<double>(start) + static_cast<double>(i) * static_cast<double>(delta));
            }
        });
    }

private:
    static std::int64_t count(double start, double limit, double delta) {
        constexpr double kMost = 0x1p62;
        const double n = std::ceil((limit - start) / delta);
        if (delta == 0 || std::isnan(n) || n > kMost)
            throw Error("no range goes from " + std::to_string(start) + " to " + std::to_string(limit) + " by " +
                        std::to_string(delta));
        return static_cast<std::int64_t>(std::max(n, 0.0));
    }
    static void inferIntegers(const Dim& start, const Dim& limit, const Dim& delta, Shape& y) {
        constexpr std::int64_t kLongest = 1024;  // longer tensors are data, not shapes
        constexpr std::int64_t kSteepest = std::int64_t{1} << 62;
        if (delta.is(0)) throw Error("delta is 0");
        if (!delta.isConstant()) return;
        const std::int64_t step = std::clamp(delta.value(), -kSteepest, kSteepest);
        const Dim way = step > 0 ? limit - start : start - limit;
        y = Shape{!limit.isConstant() && way.same(limit) ? ceilDiv(way, step) : max(ceilDiv(max(way, 0), std::abs(step)), 0)};
        if (!y[0].isConstant() || y[0].value() > kLongest) return;
        y.content.emplace();
        for (std::int64_t i = 0; i < y[0].value(); ++i)
            y.content->push_back(start + Dim(i) * step);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(range, tenon::reference::Range)
