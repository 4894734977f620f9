// y = x + bias + skip (com.microsoft BiasAdd); y = u gelu(v), where u and v are the halves of the last axis of x + bias
// (BiasSplitGelu).
#include "contrib.h"
#include "row_normalization.h"

#include <numbers>

namespace tenon::microsoft {
using namespace sdk;

struct BiasAdd {
    static constexpr Identity identity = contrib("BiasAdd");
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T, T));
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() < 1) throw Error("x must have rank 1 or more");
        reference::checkPerChannel(x[1], x[0][x[0].rank() - 1], "the bias");
        reference::checkBroadcastsTo(x[0], x[2], "skip");
        y[0] = x[0].dims();
    }
    template <class E>
    void run(View<const E> x, View<const E> bias, View<const E> skip, View<E> y) const {
        using C = Compute<E>;
        const View<const E> sum{y.data, y.dims, y.count};
        reference::broadcastApply(x, bias, y, [](E a, E b) { return E(C(a) + C(b)); });
        reference::broadcastApply(sum, skip, y, [](E a, E b) { return E(C(a) + C(b)); });
    }
};

struct BiasSplitGelu {
    static constexpr Identity identity = contrib("BiasSplitGelu");
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T));
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank < 1) throw Error("x must have rank 1 or more");
        const Dim width = x[0][rank - 1];
        if (width.isConstant() && width.value() % 2 != 0)
            throw Error("the last axis, of " + std::to_string(width.value()) + ", has no halves");
        reference::checkPerChannel(x[1], width, "the bias");
        y[0] = x[0].dims();
        y[0][rank - 1] = floorDiv(width, 2);
    }
    template <class E>
    void run(View<const E> x, View<const E> bias, View<E> y) const {
        using C = Compute<E>;
        forRows(y.dims, [&](std::int64_t row, std::int64_t n) {
            const E* from = x.data + row * 2 * n;
            for (std::int64_t i = 0; i < n; ++i) {
                const C u = C(from[i]) + C(bias[i]), v = C(from[n + i]) + C(bias[n + i]);
                y[row * n + i] = E(u * C(0.5) * v * (C(1) + std::erf(v / std::numbers::sqrt2_v<C>)));
            }
        });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(bias_add, tenon::microsoft::BiasAdd, tenon::microsoft::BiasSplitGelu)
