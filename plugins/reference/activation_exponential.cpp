// y = f(x) with f built from exponentials, element by element (ONNX Celu, Elu, Mish, Selu, Sigmoid, Softplus, Softsign, Swish).
#include "unary.h"

namespace tenon::reference {
using namespace sdk;

template <class C>
C sigmoid(C v) {
    return C(1) / (C(1) + std::exp(-v));
}
// ln(1 + exp(v)) without overflow of exp.
template <class C>
C softplus(C v) {
    return std::max(v, C(0)) + std::log1p(std::exp(-std::fabs(v)));
}

// y = max(0, x) + min(0, alpha * (exp(x / alpha) - 1)) (opset 12 and later).
struct CeluOf {
    float alpha = 1.0F;
    static constexpr const char* kName = "Celu";
    static constexpr int kSince = 12;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() { return std::tuple{attr(1, "alpha", &CeluOf::alpha, "scale of the exponential")}; }
    template <class C>
    C apply(C v) const {
        return std::max(v, C(0)) + std::min(C(alpha) * std::expm1(v / C(alpha)), C(0));  // in this order a NaN stays
    }
};

// y = x where x >= 0, else alpha * (exp(x) - 1) (opset 6 and later).
struct EluOf {
    float alpha = 1.0F;
    static constexpr const char* kName = "Elu";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() { return std::tuple{attr(1, "alpha", &EluOf::alpha, "scale of the exponential")}; }
    template <class C>
    C apply(C v) const {
        return v < C(0) ? C(alpha) * std::expm1(v) : v;
    }
};

// y = x * tanh(ln(1 + exp(x))) (opset 18 and later).
struct MishOf {
    static constexpr const char* kName = "Mish";
    static constexpr int kSince = 18;
    static constexpr TypeSet kTypes = floats;
    template <class C>
    static C apply(C v) {
        return v * std::tanh(softplus(v));
    }
};

// y = gamma * (x where x > 0, else alpha * (exp(x) - 1)) (opset 6 and later).
struct SeluOf {
    float alpha = 1.67326319217681884765625F;
    float gamma = 1.05070102214813232421875F;
    static constexpr const char* kName = "Selu";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "alpha", &SeluOf::alpha, "scale of the exponential"),
                          attr(2, "gamma", &SeluOf::gamma, "scale of all")};
    }
    template <class C>
    C apply(C v) const {
        return C(gamma) * (v > C(0) ? v : C(alpha) * std::expm1(v));
    }
};

// y = 1 / (1 + exp(-x)) (opset 6 and later).
struct SigmoidOf {
    static constexpr const char* kName = "Sigmoid";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    template <class C>
    static C apply(C v) {
        return sigmoid(v);
    }
};

// y = ln(1 + exp(x)) (opset 1 and later).
struct SoftplusOf {
    static constexpr const char* kName = "Softplus";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    template <class C>
    static C apply(C v) {
        return softplus(v);
    }
};

// y = x / (1 + |x|) (opset 1 and later).
struct SoftsignOf {
    static constexpr const char* kName = "Softsign";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    template <class C>
    static C apply(C v) {
        return v / (C(1) + std::fabs(v));
    }
};

// y = x / (1 + exp(-alpha * x)) (opset 24).
struct SwishOf {
    float alpha = 1.0F;
    static constexpr const char* kName = "Swish";
    static constexpr int kSince = 24;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() { return std::tuple{attr(1, "alpha", &SwishOf::alpha, "slope inside the sigmoid")}; }
    template <class C>
    C apply(C v) const {
        return v * sigmoid(C(alpha) * v);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(activation_exponential, tenon::reference::Unary<tenon::reference::CeluOf>,
                tenon::reference::Unary<tenon::reference::EluOf>, tenon::reference::Unary<tenon::reference::MishOf>,
                tenon::reference::Unary<tenon::reference::SeluOf>, tenon::reference::Unary<tenon::reference::SigmoidOf>,
                tenon::reference::Unary<tenon::reference::SoftplusOf>, tenon::reference::Unary<tenon::reference::SoftsignOf>,
                tenon::reference::Unary<tenon::reference::SwishOf>)
