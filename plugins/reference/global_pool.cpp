// y = mean, maximum or p-norm of each channel (ONNX GlobalAveragePool, GlobalMaxPool opset 1, GlobalLpPool opset 2 and later).
#include "arithmetic.h"

namespace tenon::reference {
using namespace sdk;

// One struct for all: F computes one channel of n elements, n > 0.
template <class F>
struct GlobalPool : F {
    static constexpr Identity identity{.name = F::kName, .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() < 2) throw Error("needs batch and channels, found rank " + std::to_string(x[0].rank()));
        y[0] = x[0].dims();
        for (int i = 2; i < x[0].rank(); ++i) {
            if (x[0][i].is(0)) throw Error("dimension " + std::to_string(i) + " is 0: there is nothing to pool");
            y[0][i] = 1;
        }
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        if (y.size() == 0) return;
        const std::int64_t n = x.size() / y.size();
        parallelFor(y.size(), std::max<std::int64_t>(1, 16384 / std::max<std::int64_t>(n, 1)), [&](auto begin, auto end) {
            for (std::int64_t i = begin; i < end; ++i)
                y[i] = elementFrom<E>(this->pool(x.data + i * n, n));
        });
    }
};

struct GlobalAverageOf {
    static constexpr const char* kName = "GlobalAveragePool";
    template <class E>
    double pool(const E* x, std::int64_t n) const {
        double sum = 0;
        for (std::int64_t i = 0; i < n; ++i)
            sum += Compute<E>(x[i]);
        return sum / static_cast<double>(n);
    }
};

struct GlobalMaxOf {
    static constexpr const char* kName = "GlobalMaxPool";
    template <class E>
    double pool(const E* x, std::int64_t n) const {
        Compute<E> top = x[0];
        for (std::int64_t i = 1; i < n; ++i)
            top = larger<Compute<E>>(top, x[i]);
        return top;
    }
};

struct GlobalLpOf {
    std::int64_t p = 2;
    static constexpr const char* kName = "GlobalLpPool";
    static constexpr auto attributes() {
        return std::tuple{attr(1, "p", &GlobalLpOf::p, "exponent of the norm").range(1, INT32_MAX)};
    }
    template <class E>
    double pool(const E* x, std::int64_t n) const {
        const auto exponent = static_cast<double>(p);
        double sum = 0;
        for (std::int64_t i = 0; i < n; ++i)
            sum += std::pow(std::fabs(static_cast<double>(Compute<E>(x[i]))), exponent);
        return std::pow(sum, 1 / exponent);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(global_pool, tenon::reference::GlobalPool<tenon::reference::GlobalAverageOf>,
                tenon::reference::GlobalPool<tenon::reference::GlobalLpOf>,
                tenon::reference::GlobalPool<tenon::reference::GlobalMaxOf>)
