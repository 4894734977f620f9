// y = (sum over each window of |x|^p)^(1/p) (ONNX LpPool opset 2 and later).
#include "arithmetic.h"
#include "pooling.h"

namespace tenon::reference {
using namespace sdk;

struct LpPool : Pooling {
    std::int64_t p = 2;
    static constexpr Identity identity{.name = "LpPool", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple_cat(poolingAttributes(),
                              std::tuple{attr(7, "p", &LpPool::p, "exponent of the norm").range(1, INT32_MAX)});
    }
    void infer(Shapes x, Shapes y) const { y[0] = pooled(x[0]); }
    void run(const Launch& l) const {
        dispatch<floats>(l.outputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            E* y = l.output<E>(0).data;
            const auto exponent = static_cast<double>(p);
            forOutputs(l, [&](std::int64_t channel, const Windows& w, const Coordinates& o, std::int64_t i) {
                const E* from = x + channel * w.inputs();
                double sum = 0;
                forWindow(w, o, [&](std::int64_t at) {
                    const double v = std::fabs(static_cast<double>(Compute<E>(from[at])));
                    sum += p == 1 ? v : p == 2 ? v * v : std::pow(v, exponent);
                });
                y[i] = elementFrom<E>(p == 1 ? sum : p == 2 ? std::sqrt(sum) : std::pow(sum, 1 / exponent));
            });
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(lp_pool, tenon::reference::LpPool)
