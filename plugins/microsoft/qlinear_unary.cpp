// y = quantized(f(x)) of 8-bit tensors (com.microsoft QLinearSigmoid, QLinearLeakyRelu).
#include "affine.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

template <class F>
struct QLinearUnary : F {
    static constexpr Identity identity = contrib(F::kName);
    static constexpr Slot T = var('T', codes), S = f32, Z = optional(T);
    static constexpr auto formats = rows(row(in(T, S, Z, S, Z), out(T)));
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const {
        expectSingle(x, {1, 2, 3, 4});
        y[0] = x[0].dims();
    }
    void run(const Launch& l) const {
        dispatch<codes>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    template <class E>
    void runAs(const Launch& l) const {
        const Affine from = Affine::of(l, 1, 2), to = Affine::of(l, 3, 4);
        std::array<E, 256> table;
        for (int i = 0; i < 256; ++i)
            table[static_cast<std::size_t>(i)] = to.template code<E>(F::apply(from.number(static_cast<E>(i))));
        const E* x = l.input<E>(0).data;
        const auto y = l.output<E>(0);
        for (std::int64_t i = 0; i < y.size(); ++i)
            y[i] = table[static_cast<std::uint8_t>(x[i])];
    }
};

struct SigmoidOf {
    static constexpr const char* kName = "QLinearSigmoid";
    float apply(float v) const { return 1.0F / (1.0F + std::exp(-v)); }
};
struct LeakyReluOf {
    float alpha = 0.01F;
    static constexpr const char* kName = "QLinearLeakyRelu";
    static constexpr auto attributes() { return std::tuple{attr(1, "alpha", &LeakyReluOf::alpha, "slope for negative numbers")}; }
    float apply(float v) const { return v >= 0.0F ? v : alpha * v; }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(qlinear_unary, tenon::microsoft::QLinearUnary<tenon::microsoft::SigmoidOf>,
                tenon::microsoft::QLinearUnary<tenon::microsoft::LeakyReluOf>)
