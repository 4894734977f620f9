// y = sums over axes of x, |x|, x^2: ReduceSum, ReduceMean, ReduceL1, ReduceL2, ReduceSumSquare (ONNX opset 18 form).
// The sum of no elements is 0, their mean is 0 / 0.
#include "reduction.h"

namespace tenon::reference {
using namespace sdk;

struct SumOfElements {
    static constexpr const char* kName = "ReduceSum";
    static constexpr TypeSet kTypes = reducible;
    template <class E>
    using Accumulator = Zero<E>;
    static void add(auto& sum, auto v) { sum.value += static_cast<decltype(sum.value)>(v); }
    template <class E>
    static E finish(const Zero<E>& sum, std::int64_t) {
        return wrapped<E>(sum.value);
    }
    static Dim symbolic(const Dim& a, const Dim& b) { return a + b; }
};

// Integers are divided towards zero.
struct MeanOfElements {
    static constexpr const char* kName = "ReduceMean";
    static constexpr TypeSet kTypes = reducible;
    template <class E>
    using Accumulator = Zero<E>;
    static void add(auto& sum, auto v) { SumOfElements::add(sum, v); }
    template <class E>
    static E finish(const Zero<E>& sum, std::int64_t count) {
        if constexpr (isFloating<E>) return elementFrom<E>(sum.value / static_cast<double>(count));
        else if constexpr (std::is_signed_v<E>) return static_cast<E>(quotient(static_cast<std::int64_t>(sum.value), count));
        else return static_cast<E>(quotient(sum.value, static_cast<std::uint64_t>(count)));
    }
};

struct SumOfMagnitudes {
    static constexpr const char* kName = "ReduceL1";
    static constexpr TypeSet kTypes = reducible;
    template <class E>
    using Accumulator = Zero<E>;
    static void add(auto& sum, auto v) {
        if constexpr (std::is_floating_point_v<decltype(v)>) sum.value += std::fabs(v);
        else SumOfElements::add(sum, v < 0 ? negated(v) : v);
    }
    template <class E>
    static E finish(const Zero<E>& sum, std::int64_t) {
        return wrapped<E>(sum.value);
    }
};

struct SumOfSquares {
    static constexpr const char* kName = "ReduceSumSquare";
    static constexpr TypeSet kTypes = reducible;
    template <class E>
    using Accumulator = Zero<E>;
    static void add(auto& sum, auto v) {
        const auto wide = static_cast<decltype(sum.value)>(v);
        sum.value += wide * wide;
    }
    template <class E>
    static E finish(const Zero<E>& sum, std::int64_t) {
        return wrapped<E>(sum.value);
    }
};

struct EuclideanNorm {
    static constexpr const char* kName = "ReduceL2";
    static constexpr TypeSet kTypes = reducible;
    template <class>
    using Accumulator = Zero<double>;
    static void add(Zero<double>& sum, auto v) { SumOfSquares::add(sum, v); }
    template <class E>
    static E finish(const Zero<double>& sum, std::int64_t) {
        return elementFrom<E>(std::sqrt(sum.value));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(reduce_sum, tenon::reference::Reduce<tenon::reference::SumOfMagnitudes>,
                tenon::reference::Reduce<tenon::reference::EuclideanNorm>,
                tenon::reference::Reduce<tenon::reference::MeanOfElements>,
                tenon::reference::Reduce<tenon::reference::SumOfElements>,
                tenon::reference::Reduce<tenon::reference::SumOfSquares>)
