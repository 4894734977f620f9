// y = f(x) with f linear in pieces, element by element (ONNX HardSigmoid, HardSwish, LeakyRelu, Relu, Shrink, ThresholdedRelu).
#include "unary.h"

namespace tenon::reference {
using namespace sdk;

// y = max(0, min(1, alpha * x + beta)) (opset 6 and later).
struct HardSigmoidOf {
    float alpha = 0.2F;
    float beta = 0.5F;
    static constexpr const char* kName = "HardSigmoid";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "alpha", &HardSigmoidOf::alpha, "slope"), attr(2, "beta", &HardSigmoidOf::beta, "value at 0")};
    }
    template <class C>
    C apply(C v) const {
        return std::max(std::min(C(alpha) * v + C(beta), C(1)), C(0));  // in this order a NaN stays
    }
};

// y = x * max(0, min(1, x / 6 + 0.5)) (opset 14 and later).
struct HardSwishOf {
    static constexpr const char* kName = "HardSwish";
    static constexpr int kSince = 14;
    static constexpr TypeSet kTypes = floats;
    template <class C>
    static C apply(C v) {
        return v * std::max(C(0), std::min(C(1), v / C(6) + C(0.5)));
    }
};

// y = x where x >= 0, else alpha * x (opset 6 and later).
struct LeakyReluOf {
    float alpha = 0.01F;
    static constexpr const char* kName = "LeakyRelu";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() { return std::tuple{attr(1, "alpha", &LeakyReluOf::alpha, "slope where x is negative")}; }
    template <class C>
    C apply(C v) const {
        return v < C(0) ? C(alpha) * v : v;
    }
};

// y = max(0, x) (opset 6 and later; integers from 14).
struct ReluOf {
    static constexpr const char* kName = "Relu";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats | signedInts;
    template <class C>
    static C apply(C v) {
        return v < C(0) ? C(0) : v;
    }
};

// y = x + bias where x < -lambd, x - bias where x > lambd, else 0 (opset 9).
struct ShrinkOf {
    float lambd = 0.5F;
    float bias = 0.0F;
    static constexpr const char* kName = "Shrink";
    static constexpr int kSince = 9;
    static constexpr TypeSet kTypes = numeric;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "lambd", &ShrinkOf::lambd, "half width of the interval that becomes 0"),
                          attr(2, "bias", &ShrinkOf::bias, "taken off the magnitude of the rest")};
    }
    template <class C>
    C apply(C v) const {
        const auto x = static_cast<double>(v);
        if (x < -double(lambd)) return elementFrom<C>(x + double(bias));
        return x > double(lambd) ? elementFrom<C>(x - double(bias)) : C(0);
    }
};

// y = x where x > alpha, else 0 (opset 10 and later).
struct ThresholdedReluOf {
    float alpha = 1.0F;
    static constexpr const char* kName = "ThresholdedRelu";
    static constexpr int kSince = 10;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() { return std::tuple{attr(1, "alpha", &ThresholdedReluOf::alpha, "threshold")}; }
    template <class C>
    C apply(C v) const {
        return v > C(alpha) ? v : C(0);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(activation_linear, tenon::reference::Unary<tenon::reference::HardSigmoidOf>,
                tenon::reference::Unary<tenon::reference::HardSwishOf>, tenon::reference::Unary<tenon::reference::LeakyReluOf>,
                tenon::reference::Unary<tenon::reference::ReluOf>, tenon::reference::Unary<tenon::reference::ShrinkOf>,
                tenon::reference::Unary<tenon::reference::ThresholdedReluOf>)
