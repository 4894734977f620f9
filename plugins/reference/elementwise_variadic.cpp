// y = f(x0, x1, ...), element by element with numpy's broadcasting (ONNX Min, Max, Sum, Mean opset 8 and later).
#include "arithmetic.h"
#include "broadcast.h"

namespace tenon::reference {
using namespace sdk;

// One struct for all: F combines two elements and two symbolic dimensions; kMean then divides by the number of inputs.
template <class F>
struct Variadic {
    static constexpr Identity identity{.name = F::kName, .since = 6};
    static constexpr Slot T = var('T', F::kTypes);
    static constexpr auto formats = rows(row(in(variadic(T)), out(T)).anyLayout());
    void infer(Shapes x, Shapes y) const {
        Shape all = x[0];
        for (int i = 1; i < x.count(); ++i) {
            Shape next = broadcast(all, x[i]);
            broadcastContent(next, F::symbolic, all, x[i]);
            all = next;
        }
        y[0] = all;
    }
    void run(const Launch& l) const {
        dispatch<F::kTypes>(l.outputType(0), [&]<class E>() { combine<E>(l); });
    }

private:
    // Results of the small floats are rounded once, from sums in float.
    template <class E>
    static void combine(const Launch& l) {
        const View<E> y = l.output<E>(0);
        if constexpr (isSmallFloat<E>) {
            std::vector<Compute<E>> wide(static_cast<std::size_t>(y.size()));
            accumulate<E>(l, View<Compute<E>>{wide.data(), y.dims, y.count});
            std::ranges::copy(wide, y.begin());
        } else accumulate<E>(l, y);
    }
    template <class E, class A>
    static void accumulate(const Launch& l, View<A> y) {
        const View<const A> soFar{y.data, y.dims, y.count};
        const auto first = l.input<E>(0);
        if (l.inputCount() == 1) broadcastApply(first, first, y, [](E a, E) { return A(a); });
        else broadcastApply(first, l.input<E>(1), y, [](E a, E b) { return F::apply(A(a), A(b)); });
        for (int i = 2; i < l.inputCount(); ++i)
            broadcastApply(soFar, l.input<E>(i), y, [](A a, E b) { return F::apply(a, A(b)); });
        if constexpr (F::kMean) {
            const auto count = static_cast<A>(l.inputCount());
            broadcastApply(soFar, soFar, y, [count](A a, A) { return a / count; });
        }
    }
};

struct MinOf {
    static constexpr const char* kName = "Min";
    static constexpr TypeSet kTypes = numeric;
    static constexpr bool kMean = false;
    template <class E>
    static E apply(E a, E b) {
        return smaller(a, b);
    }
    static Dim symbolic(const Dim& a, const Dim& b) { return min(a, b); }
};

struct MaxOf {
    static constexpr const char* kName = "Max";
    static constexpr TypeSet kTypes = numeric;
    static constexpr bool kMean = false;
    template <class E>
    static E apply(E a, E b) {
        return larger(a, b);
    }
    static Dim symbolic(const Dim& a, const Dim& b) { return max(a, b); }
};

struct SumOf {
    static constexpr const char* kName = "Sum";
    static constexpr TypeSet kTypes = floats;
    static constexpr bool kMean = false;
    template <class E>
    static E apply(E a, E b) {
        return a + b;
    }
    static Dim symbolic(const Dim& a, const Dim& b) { return a + b; }
};

struct MeanOf : SumOf {
    static constexpr const char* kName = "Mean";
    static constexpr bool kMean = true;
};

}  // namespace tenon::reference

TENON_OPERATORS(elementwise_variadic, tenon::reference::Variadic<tenon::reference::MaxOf>,
                tenon::reference::Variadic<tenon::reference::MeanOf>, tenon::reference::Variadic<tenon::reference::MinOf>,
                tenon::reference::Variadic<tenon::reference::SumOf>)
