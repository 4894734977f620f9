// The kernels of support vector machines: k(x, v) for a row x and a support vector v.
#pragma once

#include "linear.h"

namespace tenon::ml {

inline constexpr const char* kKernels = "LINEAR|POLY|RBF|SIGMOID";

struct SvmModel {
    std::string kernel = "LINEAR";
    std::vector<float> kernelParameters;  // gamma, coef0, degree
    std::vector<float> coefficients, supportVectors, rho;
    std::string postTransform = "NONE";

protected:
    void checkModel() const {
        if (!kernelParameters.empty() && kernelParameters.size() != 3)
            throw sdk::Error("attribute 'kernel_params' must have 3 entries: gamma, coef0, degree");
        if (rho.empty()) throw sdk::Error("attribute 'rho' is missing");
        if (coefficients.empty()) throw sdk::Error("attribute 'coefficients' is missing");
    }
    double kernelOf(std::span<const double> x, const float* v) const {
        const double gamma = parameter(0), coef0 = parameter(1), degree = parameter(2);
        switch (kernel[0]) {
            case 'P': return std::pow(gamma * dot(x, v) + coef0, degree);
            case 'R': return std::exp(-gamma * squaredDistance(x, v));
            case 'S': return std::tanh(gamma * dot(x, v) + coef0);
            default: return dot(x, v);
        }
    }

private:
    double parameter(std::size_t i) const { return kernelParameters.empty() ? 0 : static_cast<double>(kernelParameters[i]); }
    static double squaredDistance(std::span<const double> x, const float* v) {
        return sumOf(x.size(),
                     [&](std::size_t i) { return (x[i] - static_cast<double>(v[i])) * (x[i] - static_cast<double>(v[i])); });
    }
};

}  // namespace tenon::ml
