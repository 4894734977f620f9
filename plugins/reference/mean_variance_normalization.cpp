// y = (x - mean) / (standard deviation + 1e-9) with the statistics over `axes` (ONNX MeanVarianceNormalization opset 9 and
// later).
#include "reduction.h"
#include "statistics.h"

namespace tenon::reference {
using namespace sdk;

struct MeanVarianceNormalization {
    std::vector<std::int64_t> axes{0, 2, 3};
    static constexpr Identity identity{.name = "MeanVarianceNormalization", .since = 9};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axes", &MeanVarianceNormalization::axes, "axes of the statistics; none: all")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        for (const std::int64_t a : axes)
            x[0].axis(a);
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        const Shape ranked = Shape::ofRank(x.rank());
        std::uint64_t set = axes.empty() ? (std::uint64_t{1} << x.rank()) - 1 : 0;
        for (const std::int64_t a : axes)
            set |= std::uint64_t{1} << ranked.axis(a);
        const ReductionLoops loops(x.dims, set);
        loops.forOutputs([&](std::int64_t, auto&& visit) {
            const Moments m = momentsOf(
                loops.count(), [&](auto&& f) { visit([&](std::int64_t at) { f(static_cast<double>(Compute<E>(x[at]))); }); });
            const double deviation = std::sqrt(m.variance) + 1e-9;
            visit([&](std::int64_t at) { y[at] = elementFrom<E>((Compute<E>(x[at]) - m.mean) / deviation); });
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(mean_variance_normalization, tenon::reference::MeanVarianceNormalization)
