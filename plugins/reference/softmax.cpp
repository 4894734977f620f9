// y = softmax of x along one axis, its logarithm, or 1 at the first largest element and 0 elsewhere (ONNX Softmax, LogSoftmax,
// Hardmax opset 13 and later).
#include "axis_split.h"

namespace tenon::reference {
using namespace sdk;

// One struct for all: F computes one line of n elements that are `step` apart; x and y may be the same memory.
template <class F>
struct AlongAxis {
    std::int64_t axis = -1;
    static constexpr Identity identity{.name = F::kName, .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() { return std::tuple{attr(1, "axis", &AlongAxis::axis, "axis of the lines")}; }
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        x[0].axis(axis);
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        const AxisSplit s = splitAt(x.dims, axis);
        forLines(s, [&](std::int64_t at) { F::line(x.data + at, y.data + at, s.extent, s.inner); });
    }
};

template <class E>
Compute<E> largest(const E* x, std::int64_t n, std::int64_t step) {
    Compute<E> top = x[0];
    for (std::int64_t i = 1; i < n; ++i)
        top = std::max<Compute<E>>(top, x[i * step]);
    return top;
}

// y = exp(x - max) / sum(exp(x - max)).
struct SoftmaxOf {
    static constexpr const char* kName = "Softmax";
    template <class E>
    static void line(const E* x, E* y, std::int64_t n, std::int64_t step) {
        using C = Compute<E>;
        const C top = largest(x, n, step);
        double sum = 0;
        for (std::int64_t i = 0; i < n; ++i) {
            const C e = std::exp(C(x[i * step]) - top);
            sum += e;
            if constexpr (!isSmallFloat<E>) y[i * step] = e;
        }
        const auto total = static_cast<C>(sum);
        for (std::int64_t i = 0; i < n; ++i) {
            if constexpr (isSmallFloat<E>) y[i * step] = E(std::exp(C(x[i * step]) - top) / total);
            else y[i * step] /= total;
        }
    }
};

// y = (x - max) - ln(sum(exp(x - max))).
struct LogSoftmaxOf {
    static constexpr const char* kName = "LogSoftmax";
    template <class E>
    static void line(const E* x, E* y, std::int64_t n, std::int64_t step) {
        using C = Compute<E>;
        const C top = largest(x, n, step);
        double sum = 0;
        for (std::int64_t i = 0; i < n; ++i)
            sum += std::exp(C(x[i * step]) - top);
        const auto logarithm = static_cast<C>(std::log(sum));
        for (std::int64_t i = 0; i < n; ++i)
            y[i * step] = E(C(x[i * step]) - top - logarithm);
    }
};

struct HardmaxOf {
    static constexpr const char* kName = "Hardmax";
    template <class E>
    static void line(const E* x, E* y, std::int64_t n, std::int64_t step) {
        std::int64_t best = 0;
        for (std::int64_t i = 1; i < n; ++i)
            if (Compute<E>(x[i * step]) > Compute<E>(x[best * step])) best = i;
        for (std::int64_t i = 0; i < n; ++i)
            y[i * step] = E(i == best ? 1.0F : 0.0F);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(softmax, tenon::reference::AlongAxis<tenon::reference::HardmaxOf>,
                tenon::reference::AlongAxis<tenon::reference::LogSoftmaxOf>,
                tenon::reference::AlongAxis<tenon::reference::SoftmaxOf>)
