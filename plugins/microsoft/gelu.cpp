// y = v Phi(v) with v = x + bias and Phi the distribution function of the standard normal: exactly, by its tanh approximation
// (Hendrycks & Gimpel 2016), or by the logistic function (com.microsoft Gelu, BiasGelu, FastGelu, QuickGelu).
#include "../reference/arithmetic.h"
#include "../reference/broadcast.h"
#include "contrib.h"

#include <numbers>

namespace tenon::microsoft {
using namespace sdk;
using reference::checkBroadcastsTo;

// F states the name, the formats, the attributes if any, and apply(v); the second input, if any, is the bias of the last axis.
template <class F>
struct GeluLike : F {
    static constexpr Identity identity = contrib(F::kName);
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        if (!x.has(1)) return;
        if (x[1].rank() != 1) throw Error("the bias must have rank 1, found " + std::to_string(x[1].rank()));
        checkBroadcastsTo(x[0], x[1], "the bias");
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    template <class E>
    void runAs(const Launch& l) const {
        const auto x = l.input<E>(0);
        const auto y = l.output<E>(0);
        const auto f = [this](Compute<E> v) { return E(F::apply(v)); };
        if (l.hasInput(1)) {
            reference::broadcastApply(x, l.input<E>(1), y, [&](E v, E b) { return f(Compute<E>(v) + Compute<E>(b)); });
            return;
        }
        parallelFor(y.size(), 4096, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                y[i] = f(x[i]);
        });
    }
};

constexpr Slot T = var('T', floats);

struct ExactGelu {
    template <class C>
    C apply(C v) const {
        return C(0.5) * v * (C(1) + std::erf(v / std::numbers::sqrt2_v<C>));
    }
};

struct GeluOf : ExactGelu {
    static constexpr const char* kName = "Gelu";
    static constexpr auto formats = rows(row(T, T).anyLayout());
};

struct BiasGeluOf : ExactGelu {
    static constexpr const char* kName = "BiasGelu";
    static constexpr auto formats = rows(row(T, T, T));
};

struct FastGeluOf {
    static constexpr const char* kName = "FastGelu";
    static constexpr auto formats = rows(row(in(T, optional(T)), out(T)));
    template <class C>
    C apply(C v) const {
        const C scale = std::sqrt(C(2) * std::numbers::inv_pi_v<C>);
        return C(0.5) * v * (C(1) + std::tanh(scale * (v + C(0.044715) * v * v * v)));
    }
};

// y = x / (1 + exp(-alpha x)).
struct QuickGeluOf {
    float alpha = 1.702F;
    static constexpr const char* kName = "QuickGelu";
    static constexpr auto formats = rows(row(T, T).anyLayout());
    static constexpr auto attributes() { return std::tuple{attr(1, "alpha", &QuickGeluOf::alpha, "slope of the gate")}; }
    template <class C>
    C apply(C v) const {
        return v / (C(1) + std::exp(-C(alpha) * v));
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(gelu, tenon::microsoft::GeluLike<tenon::microsoft::GeluOf>,
                tenon::microsoft::GeluLike<tenon::microsoft::BiasGeluOf>,
                tenon::microsoft::GeluLike<tenon::microsoft::FastGeluOf>,
                tenon::microsoft::GeluLike<tenon::microsoft::QuickGeluOf>)
