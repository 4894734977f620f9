// Layer normalization along one axis (Ba et al. 2016), as TensorRT's BERT plugins do it.
#pragma once

#include "../reference/statistics.h"

#include "trt_plugin.h"

namespace tenon::tensorrt {

// gamma and beta of the hidden axis.
struct Affine {
    std::vector<float> gamma, beta;
    Affine() = default;
    Affine(const Tensor& g, const char* gammaName, const Tensor& b, const char* betaName)
        : gamma(weightsOf(g, gammaName)), beta(weightsOf(b, betaName)) {
        if (gamma.size() != beta.size() || gamma.empty())
            throw Error("attributes '" + std::string(gammaName) + "' and '" + betaName +
                        "' must have one element each for each element of the hidden axis");
    }
    std::int64_t hidden() const { return static_cast<std::int64_t>(gamma.size()); }

    // y[i * stride] = normalized value(i), i in [0, hidden()).
    template <class E, class V>
    void normalize(V&& value, E* y, std::int64_t stride) const {
        constexpr float kEpsilon = std::numeric_limits<float>::epsilon();  // the plugins'; it only avoids a division by zero
        const reference::Moments m = reference::momentsOf(hidden(), [&](auto&& f) {
            for (std::int64_t i = 0; i < hidden(); ++i)
                f(value(i));
        });
        const double inverse = m.inverseDeviation(kEpsilon);
        for (std::int64_t i = 0; i < hidden(); ++i) {
            const auto at = static_cast<std::size_t>(i);
            const double scale = gamma[at], shift = beta[at];
            y[i * stride] = reference::elementFrom<E>((value(i) - m.mean) * inverse * scale + shift);
        }
    }
};

}  // namespace tenon::tensorrt
