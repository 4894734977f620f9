// y = x * Phi(x) with Phi the distribution function of the standard normal: exactly by erf, or by its tanh approximation
// (Hendrycks & Gimpel 2016; ONNX Gelu opset 20).
#include "unary.h"

#include <numbers>

namespace tenon::reference {
using namespace sdk;

struct GeluOf {
    std::string approximate = "none";
    static constexpr const char* kName = "Gelu";
    static constexpr int kSince = 20;
    static constexpr TypeSet kTypes = floats;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "approximate", &GeluOf::approximate, "none or tanh").oneOf("none|tanh")};
    }
    template <class C>
    C apply(C v) const {
        if (approximate == "tanh") {
            const C scale = std::sqrt(C(2) * std::numbers::inv_pi_v<C>);
            return C(0.5) * v * (C(1) + std::tanh(scale * (v + C(0.044715) * v * v * v)));
        }
        return C(0.5) * v * (C(1) + std::erf(v / std::numbers::sqrt2_v<C>));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(gelu, tenon::reference::Unary<tenon::reference::GeluOf>)
