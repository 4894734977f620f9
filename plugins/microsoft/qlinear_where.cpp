// z = quantized(condition ? x : y) of 8-bit tensors with numpy's broadcasting (com.microsoft QLinearWhere).
#include "affine.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

struct QLinearWhere {
    static constexpr Identity identity = contrib("QLinearWhere");
    static constexpr Slot T = var('T', codes), S = f32;
    static constexpr auto formats = rows(row(in(Slot(boolean), T, S, T, T, S, T, S, T), out(T)));
    void infer(Shapes x, Shapes y) const {
        expectSingle(x, {2, 3, 5, 6, 7, 8});
        y[0] = broadcast(x[0], broadcast(x[1], x[4]));
    }
    void run(const Launch& l) const {
        dispatch<codes>(l.inputType(1), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    template <class E>
    static void runAs(const Launch& l) {
        const auto condition = l.input<std::uint8_t>(0);
        const auto x = l.input<E>(1), y = l.input<E>(4);
        const auto z = l.output<E>(0);
        const Affine fromX = Affine::of(l, 2, 3), fromY = Affine::of(l, 5, 6), to = Affine::of(l, 7, 8);
        const reference::BroadcastLoops<3> loops(z.dims, {condition.dims, x.dims, y.dims});
        loops.forRows([&](std::int64_t at, const std::array<std::int64_t, 3>& from) {
            for (std::int64_t i = 0; i < loops.inner(); ++i) {
                const bool isX = condition[from[0] + i * loops.step(0)] != 0;
                const float v = isX ? fromX.number(x[from[1] + i * loops.step(1)]) : fromY.number(y[from[2] + i * loops.step(2)]);
                z[at + i] = to.code<E>(v);
            }
        });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(qlinear_where, tenon::microsoft::QLinearWhere)
