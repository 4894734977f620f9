// y = x where x >= 0, else slope * x, with slope broadcast to the dims of x (ONNX PRelu opset 7 and later).
#include "arithmetic.h"
#include "broadcast.h"

namespace tenon::reference {
using namespace sdk;

struct PRelu {
    static constexpr Identity identity{.name = "PRelu", .since = 7};
    static constexpr Slot T = var('T', floats | i32 | i64 | u32 | u64);
    static constexpr auto formats = rows(row(T, T, T).anyLayout());
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        checkBroadcastsTo(x[0], x[1], "slope");
    }
    template <class E>
    void run(View<const E> x, View<const E> slope, View<E> y) const {
        broadcastApply(x, slope, y, [](E v, E s) { return Compute<E>(v) < 0 ? E(Arithmetic<E>(s) * Arithmetic<E>(v)) : v; });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(prelu, tenon::reference::PRelu)
