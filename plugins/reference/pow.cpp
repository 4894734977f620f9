// y = a ^ b with numpy's broadcasting and the type of a (ONNX Pow opset 7 and later).
#include "arithmetic.h"
#include "broadcast.h"

namespace tenon::reference {
using namespace sdk;

struct Pow {
    static constexpr Identity identity{.name = "Pow", .since = 7};
    static constexpr Slot T = var('T', floats | i32 | i64), U = var('U', numeric);
    static constexpr auto formats = rows(row(T, U, T).anyLayout());
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const { y[0] = broadcast(x[0], x[1]); }
    void run(const Launch& l) const {
        dispatch<floats | i32 | i64>(l.inputType(0), [&]<class A>() {
            dispatch<numeric>(l.inputType(1), [&]<class B>() {
                const auto a = l.input<A>(0);
                const auto b = l.input<B>(1);
                if (b.size() == 1 && isFloating<A> && elementFrom<double>(b[0]) == 2) square(a, l.output<A>(0));
                else broadcastApply(a, b, l.output<A>(0), power<A, B>);
            });
        });
    }

private:
    template <class A>
    static void square(View<const A> a, View<A> y) {
        parallelFor(y.size(), 16384, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                y[i] = A(Arithmetic<A>(a[i]) * Arithmetic<A>(a[i]));
        });
    }

    template <class A, class B>
    static A power(A a, B b) {
        if constexpr (std::is_integral_v<A> && std::is_integral_v<B>) return integerPower(a, b);
        else if constexpr (std::is_same_v<Compute<A>, float> && std::is_same_v<Compute<B>, float>)
            return A(std::pow(float(a), float(b)));
        else return elementFrom<A>(std::pow(static_cast<double>(a), static_cast<double>(Compute<B>(b))));
    }

    // By repeated squaring; a negative exponent gives the reciprocal rounded towards zero.
    template <class A, class B>
    static A integerPower(A base, B exponent) {
        if constexpr (std::is_signed_v<B>) {
            if (exponent < 0) {
                if (base == 1) return 1;
                return base == A(-1) ? A(exponent % 2 == 0 ? 1 : -1) : A(0);
            }
        }
        Arithmetic<A> result = 1, factor = static_cast<Arithmetic<A>>(base);
        for (auto e = static_cast<std::uint64_t>(exponent); e != 0; e >>= 1) {
            if ((e & 1U) != 0) result *= factor;
            factor *= factor;
        }
        return static_cast<A>(result);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(pow, tenon::reference::Pow)
