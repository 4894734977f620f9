// y = f(a, b), element by element with numpy's broadcasting (ONNX Add, Sub, Mul, Div opset 7 and later).
#include "arithmetic.h"
#include "broadcast.h"

namespace tenon::reference {
using namespace sdk;

// One struct for all: F is the mathematics of one element and of one symbolic dimension, its name and its types.
template <class F>
struct Binary {
    static constexpr Identity identity{.name = F::kName, .since = 7};
    static constexpr Slot T = var('T', F::kTypes);
    static constexpr auto formats = rows(row(T, T, T).anyLayout());
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const {
        inferBroadcast(x, y, [&](const Dim& a, const Dim& b) {
            if (!a.isConstant() || !b.isConstant()) return F::symbolic(a, b);
            Dim c;
            dispatch<ints>(x[0].type, [&]<class E>() {
                c = static_cast<std::int64_t>(F::apply(static_cast<E>(a.value()), static_cast<E>(b.value())));
            });
            return c;
        });
    }
    template <class E>
    void run(View<const E> a, View<const E> b, View<E> y) const {
        broadcastApply(a, b, y, [](E p, E q) { return F::apply(p, q); });
    }
};

struct AddOf {
    static constexpr const char* kName = "Add";
    static constexpr TypeSet kTypes = numeric;
    template <class E>
    static E apply(E a, E b) {
        return E(Arithmetic<E>(a) + Arithmetic<E>(b));
    }
    static Dim symbolic(const Dim& a, const Dim& b) { return a + b; }
};

struct SubOf {
    static constexpr const char* kName = "Sub";
    static constexpr TypeSet kTypes = numeric;
    template <class E>
    static E apply(E a, E b) {
        return E(Arithmetic<E>(a) - Arithmetic<E>(b));
    }
    static Dim symbolic(const Dim& a, const Dim& b) { return a - b; }
};

struct MulOf {
    static constexpr const char* kName = "Mul";
    static constexpr TypeSet kTypes = numeric;
    template <class E>
    static E apply(E a, E b) {
        return E(Arithmetic<E>(a) * Arithmetic<E>(b));
    }
    static Dim symbolic(const Dim& a, const Dim& b) { return a * b; }
};

struct DivOf {
    static constexpr const char* kName = "Div";
    static constexpr TypeSet kTypes = numeric;
    template <class E>
    static E apply(E a, E b) {
        if constexpr (std::is_integral_v<E>) return quotient(a, b);
        else return E(Compute<E>(a) / Compute<E>(b));
    }
    // Integers are divided towards zero: rounded down where the dividend is positive, up where it is negative.
    static Dim symbolic(const Dim& a, const Dim& b) {
        if (!b.isConstant() || b.value() <= 0) return Dim::unknown();
        return max(floorDiv(a, b), 0) + min(ceilDiv(a, b), 0);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(elementwise_binary, tenon::reference::Binary<tenon::reference::AddOf>,
                tenon::reference::Binary<tenon::reference::SubOf>, tenon::reference::Binary<tenon::reference::MulOf>,
                tenon::reference::Binary<tenon::reference::DivOf>)
