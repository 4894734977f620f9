// y = a mod b with numpy's broadcasting: the sign is b's, or a's with fmod=1 (ONNX Mod opset 10 and later; floating-point numbers
// with fmod=0 since opset 28).
#include "arithmetic.h"
#include "broadcast.h"

namespace tenon::reference {
using namespace sdk;

struct Mod {
    bool fmod = false;
    static constexpr Identity identity{.name = "Mod", .since = 10};
    static constexpr Slot T = var('T', numeric);
    static constexpr auto formats = rows(row(T, T, T).anyLayout());
    static constexpr int alias = 0;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "fmod", &Mod::fmod, "whether the sign is that of the dividend, as in C").range(0, 1)};
    }
    void infer(Shapes x, Shapes y) const { y[0] = broadcast(x[0], x[1]); }
    template <class E>
    void run(View<const E> a, View<const E> b, View<E> y) const {
        if (fmod) broadcastApply(a, b, y, [](E p, E q) { return truncated(p, q); });
        else broadcastApply(a, b, y, [](E p, E q) { return floored(p, q); });
    }

private:
    template <class E>
    static E truncated(E a, E b) {
        if constexpr (std::is_integral_v<E>) return remainder(a, b);
        else return E(std::fmod(Compute<E>(a), Compute<E>(b)));
    }
    template <class E>
    static E floored(E a, E b) {
        const E r = truncated(a, b);
        const auto v = Compute<E>(r), divisor = Compute<E>(b);
        if constexpr (isFloating<E>)
            if (v == 0) return E(std::copysign(v, divisor));
        return v != 0 && (v < 0) != (divisor < 0) ? E(Arithmetic<E>(r) + Arithmetic<E>(b)) : r;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(mod, tenon::reference::Mod)
