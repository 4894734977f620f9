// y = the product over axes, the logarithm of the sum, of the sum of exponentials: ReduceProd, ReduceLogSum, ReduceLogSumExp
// (ONNX opset 18 form). The product of no elements is 1, the logarithm of their sum is -infinity.
#include "reduction.h"

namespace tenon::reference {
using namespace sdk;

struct ProductOf {
    static constexpr const char* kName = "ReduceProd";
    static constexpr TypeSet kTypes = reducible;
    template <class E>
    struct Accumulator {
        decltype(Zero<E>::value) value = 1;
    };
    static void add(auto& product, auto v) { product.value *= static_cast<decltype(product.value)>(v); }
    template <class E>
    static E finish(const Accumulator<E>& product, std::int64_t) {
        return wrapped<E>(product.value);
    }
    static Dim symbolic(const Dim& a, const Dim& b) { return a * b; }
};

struct LogarithmOfSum {
    static constexpr const char* kName = "ReduceLogSum";
    static constexpr TypeSet kTypes = reducible;
    template <class>
    using Accumulator = Zero<double>;
    static void add(Zero<double>& sum, auto v) { sum.value += static_cast<double>(v); }
    template <class E>
    static E finish(const Zero<double>& sum, std::int64_t) {
        return elementFrom<E>(std::log(sum.value));
    }
};

// In one pass: the sum is kept relative to the largest exponent so far.
struct LogarithmOfSumOfExponentials {
    static constexpr const char* kName = "ReduceLogSumExp";
    static constexpr TypeSet kTypes = reducible;
    template <class>
    struct Accumulator {
        double top = -std::numeric_limits<double>::infinity(), sum = 0;
    };
    static void add(auto& a, auto element) {
        const auto v = static_cast<double>(element);
        if (v > a.top) {
            a.sum = a.sum * std::exp(a.top - v) + 1;
            a.top = v;
        } else {
            a.sum += v == a.top ? 1 : std::exp(v - a.top);
        }
    }
    template <class E>
    static E finish(const Accumulator<E>& a, std::int64_t) {
        return elementFrom<E>(a.top + std::log(a.sum));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(reduce_product, tenon::reference::Reduce<tenon::reference::LogarithmOfSum>,
                tenon::reference::Reduce<tenon::reference::LogarithmOfSumOfExponentials>,
                tenon::reference::Reduce<tenon::reference::ProductOf>)
