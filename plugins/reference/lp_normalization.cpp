// y = x / ||x||_p along one axis, 0 where the norm is 0 (ONNX LpNormalization opset 1 and later).
#include "arithmetic.h"
#include "axis_split.h"

namespace tenon::reference {
using namespace sdk;

struct LpNormalization {
    std::int64_t axis = -1, p = 2;
    static constexpr Identity identity{.name = "LpNormalization", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &LpNormalization::axis, "axis of the norms"),
                          attr(2, "p", &LpNormalization::p, "1 or 2").range(1, 2)};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        x[0].axis(axis);
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        const AxisSplit s = splitAt(x.dims, axis);
        forLines(s, [&](std::int64_t at) {
            double norm = 0;
            for (std::int64_t i = 0; i < s.extent; ++i) {
                const double v = Compute<E>(x[at + i * s.inner]);
                norm += p == 1 ? std::fabs(v) : v * v;
            }
            if (p == 2) norm = std::sqrt(norm);
            for (std::int64_t i = at; i < at + s.extent * s.inner; i += s.inner)
                y[i] = norm == 0 ? E(0.0F) : elementFrom<E>(Compute<E>(x[i]) / norm);
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(lp_normalization, tenon::reference::LpNormalization)
