// y = rho + sum over support vectors v of c[v] k(x, v), or its sign for one class (ONNX-ML SVMRegressor opset 1).
#include "svm_kernel.h"

namespace tenon::ml {
using namespace sdk;

struct SVMRegressor : SvmModel {
    std::int64_t supportCount = 0;
    bool oneClass = false;
    static constexpr Identity identity{.name = "SVMRegressor", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(featureTypes, f32));
    static constexpr auto attributes() {
        using Op = SVMRegressor;
        return std::tuple{attr(1, "coefficients", &Op::coefficients, "one for each support vector, else one for each feature"),
                          attr(2, "kernel_params", &Op::kernelParameters, "gamma, coef0, degree"),
                          attr(3, "kernel_type", &Op::kernel, "k(x, v)").oneOf(kKernels),
                          attr(4, "n_supports", &Op::supportCount, "number of support vectors; 0: linear").range(0, 1 << 30),
                          attr(5, "one_class", &Op::oneClass, "whether the result is 1 or -1"),
                          attr(6, "post_transform", &Op::postTransform, "applied to the result").oneOf(kPostTransforms),
                          attr(7, "rho", &Op::rho, "added to the sum"),
                          attr(8, "support_vectors", &Op::supportVectors, "v[n_supports, features]")};
    }
    void check(const abi::LayerInfo&) {
        checkModel();
        if (supportCount == 0) return;
        if (coefficients.size() < static_cast<std::size_t>(supportCount)) throw Error("a support vector has no coefficient");
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape{rowsOf(x[0]), 1};
        if (const auto columns = columnsOf(x[0])) checkColumns(*columns);
    }
    void run(const Launch& l) const {
        checkColumns(featuresOf(l.inputDesc(0)).columns);
        const PostTransform transform = postTransformOf(postTransform);
        float* y = l.output<float>(0).data;
        forRows(l, static_cast<std::int64_t>(numbers().size()), [&](std::int64_t n, std::span<const double> row) {
            double sum = supportCount == 0 ? dot(row, coefficients.data()) : 0;
            for (std::size_t v = 0; v < static_cast<std::size_t>(supportCount); ++v)
                sum += coefficients[v] * kernelOf(row, supportVectors.data() + v * row.size());
            double score = sum + rho[0];
            if (oneClass) score = score > 0 ? 1 : -1;
            transformScoresOrOne(transform, {&score, 1});
            y[n] = static_cast<float>(score);
        });
    }

private:
    const std::vector<float>& numbers() const { return supportCount > 0 ? supportVectors : coefficients; }
    void checkColumns(std::int64_t columns) const {
        const auto count = static_cast<std::int64_t>(numbers().size()), vectors = std::max<std::int64_t>(supportCount, 1);
        if (count % vectors != 0 || count / vectors != columns)
            throw Error("the model does not fit " + std::to_string(columns) + " features");
    }
};

}  // namespace tenon::ml

TENON_OPERATORS(svm_regressor, tenon::ml::SVMRegressor)
