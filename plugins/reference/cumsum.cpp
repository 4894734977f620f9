// y[i] = sum (ONNX CumSum opset 11 and later) or product (CumProd opset 26) of x[j] along one axis over j <= i; exclusive: j < i;
// reverse: from the end.
#include "arithmetic.h"
#include "axis_split.h"

namespace tenon::reference {
using namespace sdk;

struct CumSumOf {
    static constexpr const char* kName = "CumSum";
    static constexpr int kSince = 11, kNeutral = 0;
    template <class A>
    static A combine(A soFar, A v) {
        return soFar + v;
    }
};
struct CumProdOf {
    static constexpr const char* kName = "CumProd";
    static constexpr int kSince = 26, kNeutral = 1;
    template <class A>
    static A combine(A soFar, A v) {
        return soFar * v;
    }
};

template <class F>
struct Cumulative {
    bool exclusive = false, reverse = false;
    static constexpr TypeSet kTypes = floats | i32 | i64 | u32 | u64;
    static constexpr Identity identity{.name = F::kName, .since = F::kSince};
    static constexpr Slot T = var('T', kTypes);
    static constexpr auto formats = rows(row(in(T, Slot(i32 | i64)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "exclusive", &Cumulative::exclusive, "whether an element is left out of its own result"),
                          attr(2, "reverse", &Cumulative::reverse, "whether to start at the end")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        x[0].axis(single(x[1].integers()));
    }
    void run(const Launch& l) const {
        const Shape ranked = Shape::ofRank(l.inputDesc(0).dims.rank);
        const AxisSplit s = splitAt(dimsOf(l.inputDesc(0)), ranked.axis(single(l.integers(1))));
        dispatch<kTypes>(l.inputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            E* y = l.output<E>(0).data;
            forLines(s, [&](std::int64_t at) { line(x + at, y + at, s.extent, s.inner); });
        });
    }

private:
    static std::int64_t single(const std::vector<std::int64_t>& axis) {
        if (axis.size() != 1) throw Error("axis must be a scalar, found " + std::to_string(axis.size()) + " elements");
        return axis[0];
    }
    template <class E>
    void line(const E* x, E* y, std::int64_t n, std::int64_t step) const {
        using A = std::conditional_t<isFloating<E>, double, Arithmetic<E>>;
        A result = F::kNeutral;
        for (std::int64_t k = 0; k < n; ++k) {
            const std::int64_t i = (reverse ? n - 1 - k : k) * step;
            const A before = result;
            result = F::combine(result, static_cast<A>(x[i]));
            y[i] = static_cast<E>(exclusive ? before : result);
        }
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(cumsum, tenon::reference::Cumulative<tenon::reference::CumSumOf>,
                tenon::reference::Cumulative<tenon::reference::CumProdOf>)
