// y = the largest or the smallest element over axes: ReduceMax, ReduceMin (ONNX opset 20 form: bools too, false < true).
// Of no elements, it is the lowest or the highest value of the type. NaN wins over every number.
#include "reduction.h"

namespace tenon::reference {
using namespace sdk;

template <class E, bool Lowest>
constexpr auto bound() {
    using C = Compute<E>;
    using Limits = std::numeric_limits<C>;
    if constexpr (isFloating<E>) return Lowest ? -Limits::infinity() : Limits::infinity();
    else return Lowest ? Limits::lowest() : Limits::max();
}

struct LargestOf {
    static constexpr const char* kName = "ReduceMax";
    static constexpr TypeSet kTypes = numeric | boolean;
    template <class E>
    struct Accumulator {
        Compute<E> value = bound<E, true>();
    };
    static void add(auto& a, auto v) { a.value = larger(a.value, v); }
    template <class E>
    static E finish(const Accumulator<E>& a, std::int64_t) {
        return E(a.value);
    }
    static Dim symbolic(const Dim& a, const Dim& b) { return max(a, b); }
};

struct SmallestOf {
    static constexpr const char* kName = "ReduceMin";
    static constexpr TypeSet kTypes = numeric | boolean;
    template <class E>
    struct Accumulator {
        Compute<E> value = bound<E, false>();
    };
    static void add(auto& a, auto v) { a.value = smaller(a.value, v); }
    template <class E>
    static E finish(const Accumulator<E>& a, std::int64_t) {
        return E(a.value);
    }
    static Dim symbolic(const Dim& a, const Dim& b) { return min(a, b); }
};

}  // namespace tenon::reference

TENON_OPERATORS(reduce_extreme, tenon::reference::Reduce<tenon::reference::LargestOf>,
                tenon::reference::Reduce<tenon::reference::SmallestOf>)
