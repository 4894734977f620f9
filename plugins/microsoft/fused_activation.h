// The activations that are fused into products and convolutions, by ONNX's names of them.
#pragma once

#include <tenon/sdk/sdk.h>

#include <numbers>

namespace tenon::microsoft {

class FusedActivation {
public:
    using Parameters = std::array<float, 3>;
    FusedActivation() = default;
    // `given` holds the parameters in the table's order; those that are absent have ONNX's defaults.
    FusedActivation(std::string_view name, const std::vector<std::optional<float>>& given) {
        if (name.empty()) return;
        for (const Row& r : kRows)
            if (name == r.name) row_ = &r;
        if (row_ == nullptr) throw sdk::declined("does not know the activation '" + std::string(name) + "'");
        parameters_ = row_->defaults;
        for (std::size_t i = 0; i < std::min(given.size(), parameters_.size()); ++i)
            parameters_[i] = given[i].value_or(parameters_[i]);
    }
    double operator()(double v) const { return row_ == nullptr ? v : row_->apply(v, parameters_); }

private:
    struct Row {
        const char* name;
        Parameters defaults;
        double (*apply)(double v, const Parameters& p);
    };
    static double sigmoid(double v) { return 1 / (1 + std::exp(-v)); }
    static double elu(double v, double alpha) { return v >= 0 ? v : alpha * std::expm1(v); }
    static double clip(double v, double low, double high) { return std::isnan(v) ? v : std::min(std::max(v, low), high); }
    static constexpr float kLargest = std::numeric_limits<float>::max();
    static constexpr Row kRows[] = {
        {"Celu", {1.0F}, [](double v, const Parameters& p) { return v >= 0 ? v : p[0] * std::expm1(v / p[0]); }},
        {"Clip", {-kLargest, kLargest}, [](double v, const Parameters& p) { return clip(v, p[0], p[1]); }},
        {"Elu", {1.0F}, [](double v, const Parameters& p) { return elu(v, p[0]); }},
        {"Gelu", {}, [](double v, const Parameters&) { return 0.5 * v * (1 + std::erf(v / std::numbers::sqrt2)); }},
        {"HardSigmoid", {0.2F, 0.5F}, [](double v, const Parameters& p) { return clip(p[0] * v + p[1], 0, 1); }},
        {"HardSwish", {1.0F / 6, 0.5F}, [](double v, const Parameters& p) { return v * clip(p[0] * v + p[1], 0, 1); }},
        {"LeakyRelu", {0.01F}, [](double v, const Parameters& p) { return v >= 0 ? v : p[0] * v; }},
        {"Relu", {}, [](double v, const Parameters&) { return v < 0 ? 0 : v; }},
        {"Selu", {1.67326319F, 0.0F, 1.05070102F}, [](double v, const Parameters& p) { return p[2] * elu(v, p[0]); }},
        {"Sigmoid", {}, [](double v, const Parameters&) { return sigmoid(v); }},
        {"Softplus", {}, [](double v, const Parameters&) { return std::max(v, 0.0) + std::log1p(std::exp(-std::fabs(v))); }},
        {"Softsign", {}, [](double v, const Parameters&) { return v / (1 + std::fabs(v)); }},
        {"Swish", {1.0F}, [](double v, const Parameters& p) { return v * sigmoid(p[0] * v); }},
        {"Tanh", {}, [](double v, const Parameters&) { return std::tanh(v); }},
        {"ThresholdedRelu", {1.0F}, [](double v, const Parameters& p) { return v > p[0] ? v : 0; }},
    };
    const Row* row_ = nullptr;
    Parameters parameters_{};
};

// The attributes of operators that name an activation and its parameters one by one.
struct ActivationAttributes {
    std::string activation;
    std::optional<float> activationAlpha, activationBeta, activationGamma;

    // Ids from `first` on, four of them.
    template <std::uint32_t First>
    static constexpr auto activationAttributes() {
        using sdk::attr;
        using A = ActivationAttributes;
        return std::tuple{attr(First, "activation", &A::activation, "what the result is put through"),
                          attr(First + 1, "activation_alpha", &A::activationAlpha, "its first parameter"),
                          attr(First + 2, "activation_beta", &A::activationBeta, "its second parameter"),
                          attr(First + 3, "activation_gamma", &A::activationGamma, "its third parameter")};
    }
    FusedActivation fused() const { return {activation, {activationAlpha, activationBeta, activationGamma}}; }
};

}  // namespace tenon::microsoft
