// y = min(max(x, low), high); an absent bound is the lowest or highest value of the type (ONNX Clip opset 11 and later).
#include "arithmetic.h"

namespace tenon::reference {
using namespace sdk;

struct Clip {
    static constexpr Identity identity{.name = "Clip", .since = 1};
    static constexpr Slot T = var('T', numeric), X = T.with(kAllLayouts);
    static constexpr auto formats = rows(row(in(X, optional(T), optional(T)), out(X)));
    static constexpr int alias = 0;
    // x and y share one layout, whichever it is.
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        const auto i = static_cast<std::size_t>(pos);
        return (pos != 0 && pos != inputCount) || sharedLayoutFits(all[0], all[i], 1);
    }
    void infer(Shapes x, Shapes y) const { y[0] = x[0].dims(); }
    void run(const Launch& l) const {
        dispatch<numeric>(l.inputType(0), [&]<class E>() {
            using C = Compute<E>;
            constexpr C kLimit = isFloating<E> ? std::numeric_limits<C>::infinity() : std::numeric_limits<C>::max();
            const C low = bound<E>(l, 1, isFloating<E> ? C(-kLimit) : std::numeric_limits<C>::min());
            const C high = bound<E>(l, 2, kLimit);
            const auto x = l.input<E>(0);
            const auto y = l.output<E>(0);
            parallelFor(y.size(), 16384, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i) {
                    const C v = x[i], raised = v < low ? low : v;  // NaN passes
                    y[i] = E(raised > high ? high : raised);
                }
            });
        });
    }

private:
    template <class E>
    static Compute<E> bound(const Launch& l, int i, Compute<E> otherwise) {
        if (!l.hasInput(i)) return otherwise;
        const auto b = l.input<E>(i);
        if (b.size() != 1) throw Error("a bound must be a scalar, found " + std::to_string(b.size()) + " elements");
        return b[0];
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(clip, tenon::reference::Clip)
