// y = transform(x W^T + b) (ONNX-ML LinearRegressor opset 1).
#include "linear.h"

namespace tenon::ml {
using namespace sdk;

struct LinearRegressor {
    std::vector<float> coefficients, intercepts;
    std::int64_t targets = 1;
    std::string postTransform = "NONE";
    static constexpr Identity identity{.name = "LinearRegressor", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(featureTypes, f32));
    static constexpr auto attributes() {
        using Op = LinearRegressor;
        return std::tuple{attr(1, "coefficients", &Op::coefficients, "W[targets, features]").required(),
                          attr(2, "intercepts", &Op::intercepts, "b[targets]; default 0"),
                          attr(3, "targets", &Op::targets, "number of targets").range(1, 1 << 30),
                          attr(4, "post_transform", &Op::postTransform, "applied to the scores").oneOf(kPostTransforms)};
    }
    void check(const abi::LayerInfo&) const {
        if (!intercepts.empty() && static_cast<std::int64_t>(intercepts.size()) != targets)
            throw Error("attribute 'intercepts' has " + std::to_string(intercepts.size()) + " entries for " +
                        std::to_string(targets) + " targets");
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape{rowsOf(x[0]), targets};
        if (const auto columns = columnsOf(x[0])) checkColumns(*columns);
    }
    void run(const Launch& l) const {
        checkColumns(featuresOf(l.inputDesc(0)).columns);
        const PostTransform transform = postTransformOf(postTransform);
        float* y = l.output<float>(0).data;
        forRows(l, static_cast<std::int64_t>(coefficients.size()), [&](std::int64_t n, std::span<const double> row) {
            std::vector<double> scores(static_cast<std::size_t>(targets));
            for (std::size_t t = 0; t < scores.size(); ++t)
                scores[t] = dot(row, coefficients.data() + t * row.size()) + (intercepts.empty() ? 0.0F : intercepts[t]);
            transformScoresOrOne(transform, scores);
            writeScores(scores, y, n);
        });
    }

private:
    void checkColumns(std::int64_t columns) const {
        const auto count = static_cast<std::int64_t>(coefficients.size());
        if (count % targets != 0 || count / targets != columns)
            throw Error(std::to_string(count) + " coefficients do not fit " + std::to_string(columns) + " features");
    }
};

}  // namespace tenon::ml

TENON_OPERATORS(linear_regressor, tenon::ml::LinearRegressor)
