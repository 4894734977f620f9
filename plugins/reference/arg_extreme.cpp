// y = index along one axis of the largest or the smallest element: ArgMax, ArgMin (ONNX opset 12 form: ties go to the first or
// the last index). NaN wins over every number.
#include "arithmetic.h"
#include "axis_rules.h"
#include "axis_split.h"

namespace tenon::reference {
using namespace sdk;

template <class F>
struct ArgExtreme {
    std::int64_t axis = 0;
    bool keepdims = true, selectLastIndex = false;
    static constexpr Identity identity{.name = F::kName, .since = 1};
    static constexpr auto formats = rows(row(numeric, i64));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &ArgExtreme::axis, "axis that is searched"),
                          attr(2, "keepdims", &ArgExtreme::keepdims, "whether the axis stays, with extent 1"),
                          attr(3, "select_last_index", &ArgExtreme::selectLastIndex, "whether ties go to the last index")};
    }
    void infer(Shapes x, Shapes y) const { y[0] = searchedShape(x[0], axis, keepdims); }
    void run(const Launch& l) const {
        const AxisSplit s = splitAt(dimsOf(l.inputDesc(0)), axis);
        const auto y = l.output<std::int64_t>(0);
        if (s.extent == 0 && y.size() > 0) throw Error("axis " + std::to_string(axis) + " has no elements");
        dispatch<numeric>(l.inputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            parallelFor(y.size(), std::max<std::int64_t>(1, 16384 / std::max<std::int64_t>(s.extent, 1)),
                        [&](auto begin, auto end) {
                            for (std::int64_t o = begin; o < end; ++o)
                                y[o] = search(x + s.start(o), s.extent, s.inner);
                        });
        });
    }

private:
    template <class E>
    std::int64_t search(const E* x, std::int64_t n, std::int64_t step) const {
        std::int64_t best = 0;
        for (std::int64_t i = 1; i < n; ++i) {
            const Compute<E> v = x[i * step], top = x[best * step];
            if (F::beats(v, top) || (selectLastIndex && v == top)) best = i;
        }
        return best;
    }
};

template <class C>
bool isNaN(C v) {
    return v != v;
}

struct ArgMaxOf {
    static constexpr const char* kName = "ArgMax";
    template <class C>
    static bool beats(C v, C top) {
        return v > top || (isNaN(v) && !isNaN(top));
    }
};

struct ArgMinOf {
    static constexpr const char* kName = "ArgMin";
    template <class C>
    static bool beats(C v, C top) {
        return v < top || (isNaN(v) && !isNaN(top));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(arg_extreme, tenon::reference::ArgExtreme<tenon::reference::ArgMaxOf>,
                tenon::reference::ArgExtreme<tenon::reference::ArgMinOf>)
