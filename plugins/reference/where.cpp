// y = condition ? a : b, element by element with numpy's broadcasting of all three (ONNX Where opset 9 and later).
#include "broadcast.h"

namespace tenon::reference {
using namespace sdk;

struct Where {
    static constexpr Identity identity{.name = "Where", .since = 9};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(Slot(boolean), T, T, T).anyLayout());
    void infer(Shapes x, Shapes y) const {
        y[0] = broadcast(broadcast(x[0], x[1]), x[2]);
        broadcastContent(y[0], select, x[0], x[1], x[2]);
    }
    void run(const Launch& l) const {
        dispatchSize(l.outputType(0), [&]<class E>() {
            const auto c = l.input<std::uint8_t>(0);
            const auto a = l.input<E>(1), b = l.input<E>(2);
            E* y = l.output<E>(0).data;
            const BroadcastLoops<3> loops(l.output<E>(0).dims, {c.dims, a.dims, b.dims});
            const std::int64_t sc = loops.step(0), sa = loops.step(1), sb = loops.step(2);
            loops.forRows([&](std::int64_t at, const std::array<std::int64_t, 3>& from) {
                for (std::int64_t i = 0; i < loops.inner(); ++i)
                    y[at + i] = c[from[0] + i * sc] != 0 ? a[from[1] + i * sa] : b[from[2] + i * sb];
            });
        });
    }

private:
    static Dim select(const Dim& condition, const Dim& a, const Dim& b) {
        if (condition.isConstant()) return condition.is(0) ? b : a;
        return a.same(b) ? a : condition * a + (Dim(1) - condition) * b;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(where, tenon::reference::Where)
