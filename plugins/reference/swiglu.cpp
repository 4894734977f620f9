// y = a / (1 + exp(-alpha * a)) * b (Shazeer, GLU Variants Improve Transformer, 2020; ONNX SwiGLU opset 28).
#include "arithmetic.h"

namespace tenon::reference {
using namespace sdk;

struct SwiGlu {
    float alpha = 1.0F;
    static constexpr Identity identity{.name = "SwiGLU", .since = 28};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T).anyLayout());
    static constexpr int alias = 0;
    static constexpr auto attributes() { return std::tuple{attr(1, "alpha", &SwiGlu::alpha, "slope inside the sigmoid")}; }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != x[1].rank()) throw Error("A and B must have the same dims");
        y[0] = x[0].dims();
        for (int i = 0; i < x[0].rank(); ++i) {
            if (x[0][i].isConstant() && x[1][i].isConstant() && !x[0][i].same(x[1][i]))
                throw Error("A and B must have the same dims");
            if (!x[0][i].isConstant()) y[0][i] = x[1][i];
        }
    }
    template <class E>
    void run(View<const E> a, View<const E> b, View<E> y) const {
        using C = Compute<E>;
        parallelFor(y.size(), 4096, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                y[i] = E(C(a[i]) / (C(1) + std::exp(-C(alpha) * C(a[i]))) * C(b[i]));
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(swiglu, tenon::reference::SwiGlu)
