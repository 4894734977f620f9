// scores = transform(x W^T + b), and the label of the class with the greatest score; where W has one row, a positive score speaks
// for the second of two classes
// (ONNX-ML LinearClassifier opset 1).
#include "classes.h"
#include "linear.h"

namespace tenon::ml {
using namespace sdk;

struct LinearClassifier : Classes {
    std::vector<float> coefficients, intercepts;
    std::int64_t multiClass = 0;
    std::string postTransform = "NONE";
    static constexpr Identity identity{.name = "LinearClassifier", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(in(featureTypes), out(i64 | str, f32)));
    static constexpr auto attributes() {
        using Op = LinearClassifier;
        return std::tuple{attr(1, "coefficients", &Op::coefficients, "W[classes, features]").required(),
                          attr(2, "intercepts", &Op::intercepts, "b[classes]; default 0"),
                          attr(3, "classlabels_ints", &Op::labelInts, "labels of the classes"),
                          attr(4, "classlabels_strings", &Op::labelTexts, "or labels as texts"),
                          attr(5, "multi_class", &Op::multiClass, "how the model was trained, not used"),
                          attr(6, "post_transform", &Op::postTransform, "applied to the scores").oneOf(kPostTransforms)};
    }
    void check(const abi::LayerInfo&) const {
        checkLabels();
        if (!intercepts.empty()) checkForms(static_cast<std::int64_t>(intercepts.size()));
    }
    void types(std::span<const DataType>, std::span<DataType> out) const {
        out[0] = labelType();
        if (out.size() > 1) out[1] = DataType::f32;
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape{rowsOf(x[0])};
        y[1] = Shape{rowsOf(x[0]), scoreCount()};
        if (const auto columns = columnsOf(x[0])) formCount(*columns);
    }
    void run(const Launch& l) const {
        const std::int64_t forms = formCount(featuresOf(l.inputDesc(0)).columns);
        const PostTransform transform = postTransformOf(postTransform);
        float* y = l.output<float>(1).data;
        forRows(l, static_cast<std::int64_t>(coefficients.size()), [&](std::int64_t n, std::span<const double> row) {
            std::vector<double> scores(static_cast<std::size_t>(forms));
            for (std::size_t c = 0; c < scores.size(); ++c)
                scores[c] = dot(row, coefficients.data() + c * row.size()) + (intercepts.empty() ? 0.0F : intercepts[c]);
            const std::size_t best = forms > 1 ? static_cast<std::size_t>(std::ranges::max_element(scores) - scores.begin())
                                               : static_cast<std::size_t>(scores[0] > 0);
            writeLabel(l, n, classCount() == 1 ? 0 : best);
            if (forms == 1 && classCount() == 2) {
                scores.resize(2);
                binaryScores(transform, scores[0], true, scores);
            } else transformScoresOrOne(transform, scores);
            writeScores(scores, y, n);
        });
    }

private:
    std::int64_t scoreCount() const {
        return classCount() > 0 ? classCount() : std::max<std::int64_t>(1, static_cast<std::int64_t>(intercepts.size()));
    }
    void checkForms(std::int64_t forms) const {
        if (forms != scoreCount() && !(forms == 1 && classCount() == 2))
            throw Error("there are " + std::to_string(forms) + " linear forms for " + std::to_string(scoreCount()) + " classes");
    }
    std::int64_t formCount(std::int64_t columns) const {
        const auto count = static_cast<std::int64_t>(coefficients.size());
        const bool isStated = !intercepts.empty() || columns == 0;
        const std::int64_t forms = isStated ? static_cast<std::int64_t>(intercepts.size()) : count / columns;
        if (forms < 1 || count % forms != 0 || count / forms != columns)
            throw Error(std::to_string(count) + " coefficients do not fit " + std::to_string(columns) + " features");
        checkForms(forms);
        return forms;
    }
};

}  // namespace tenon::ml

TENON_OPERATORS(linear_classifier, tenon::ml::LinearClassifier)
