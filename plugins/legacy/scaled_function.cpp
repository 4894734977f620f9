// y = f(x), element by element, for the experimental operators that scale a function or its argument (ONNX Affine,
// ParametricSoftplus, Scale, ScaledTanh: opset 1, removed in opset 10).
#include <unary.h>

namespace tenon::legacy {
using namespace sdk;

// What only the name of the implementation distinguishes from an operator of the reference family.
template <class F>
struct Scaled : reference::Unary<F> {
    static constexpr Identity identity{.name = F::kName, .implementation = "reference"};
};

// y = alpha * x + beta.
struct AffineOf {
    float alpha = 1.0F, beta = 0.0F;
    static constexpr const char* kName = "Affine";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "alpha", &AffineOf::alpha, "factor"), attr(2, "beta", &AffineOf::beta, "summand")};
    }
    template <class C>
    C apply(C v) const {
        return C(alpha) * v + C(beta);
    }
};

// y = alpha * ln(1 + exp(beta * x)), without overflow of exp.
struct ParametricSoftplusOf {
    float alpha = 1.0F, beta = 1.0F;
    static constexpr const char* kName = "ParametricSoftplus";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() {
        using Self = ParametricSoftplusOf;
        return std::tuple{attr(1, "alpha", &Self::alpha, "factor of the result"),
                          attr(2, "beta", &Self::beta, "factor of the argument")};
    }
    template <class C>
    C apply(C v) const {
        const C scaled = C(beta) * v;
        return C(alpha) * (std::max(scaled, C(0)) + std::log1p(std::exp(-std::fabs(scaled))));
    }
};

// y = scale * x.
struct ScaleOf {
    float scale = 1.0F;
    static constexpr const char* kName = "Scale";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() { return std::tuple{attr(1, "scale", &ScaleOf::scale, "factor")}; }
    template <class C>
    C apply(C v) const {
        return C(scale) * v;
    }
};

// y = alpha * tanh(beta * x).
struct ScaledTanhOf {
    float alpha = 1.0F, beta = 1.0F;
    static constexpr const char* kName = "ScaledTanh";
    static constexpr int kSince = 1;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() {
        using Self = ScaledTanhOf;
        return std::tuple{attr(1, "alpha", &Self::alpha, "factor of the result"),
                          attr(2, "beta", &Self::beta, "factor of the argument")};
    }
    template <class C>
    C apply(C v) const {
        return C(alpha) * std::tanh(C(beta) * v);
    }
};

}  // namespace tenon::legacy

TENON_OPERATORS(scaled_function, tenon::legacy::Scaled<tenon::legacy::AffineOf>,
                tenon::legacy::Scaled<tenon::legacy::ParametricSoftplusOf>, tenon::legacy::Scaled<tenon::legacy::ScaleOf>,
                tenon::legacy::Scaled<tenon::legacy::ScaledTanhOf>)
