// y = x / (bias + alpha / size * sum of x^2 over `size` neighbouring channels)^beta (ONNX LRN opset 1 and later).
#include "arithmetic.h"
#include "axis_split.h"
#include "work.h"

namespace tenon::reference {
using namespace sdk;

struct Lrn {
    float alpha = 1e-4F, beta = 0.75F, bias = 1.0F;
    std::int64_t size = 1;
    static constexpr Identity identity{.name = "LRN", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "alpha", &Lrn::alpha, "weight of the squares"), attr(2, "beta", &Lrn::beta, "exponent"),
                          attr(3, "bias", &Lrn::bias, "added to the squares"),
                          attr(4, "size", &Lrn::size, "channels that are summed").required().range(1, 1LL << 53)};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        if (x[0].rank() < 2) throw Error("the input must have rank 2 at least, found " + std::to_string(x[0].rank()));
    }
    Cost cost(const Layer& l) const {
        const auto channels = l.inputRange(0).opt.d[1];
        return workOf(l, elements(l.inputRange(0)) * static_cast<double>(std::min(size, channels)));
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        const AxisSplit s = splitAt(x.dims, 1);
        forLines(s, [&](std::int64_t at) {
            for (std::int64_t c = 0; c < s.extent; ++c) {
                const std::int64_t first = std::max<std::int64_t>(0, c - (size - 1) / 2),
                                   last = std::min(s.extent - 1, c + size / 2);
                double squares = 0;
                for (std::int64_t k = first; k <= last; ++k) {
                    const double v = Compute<E>(x[at + k * s.inner]);
                    squares += v * v;
                }
                const double base = double(bias) + double(alpha) / static_cast<double>(size) * squares;
                y[at + c * s.inner] = elementFrom<E>(Compute<E>(x[at + c * s.inner]) / std::pow(base, double(beta)));
            }
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(lrn, tenon::reference::Lrn)
