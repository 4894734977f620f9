// Every pair of classes i < j votes by the sign of s(i, j) = rho + sum over their support vectors v of c[v] k(x, v); the label is
// the class with most votes. Scores are s, or probabilities fitted to all pairs. Without support vectors the model is linear
// (ONNX-ML SVMClassifier opset 1).
#include "classes.h"
#include "pairwise_probability.h"
#include "svm_kernel.h"

namespace tenon::ml {
using namespace sdk;

struct SVMClassifier : SvmModel, Classes {
    std::vector<float> probA, probB;
    std::vector<std::int64_t> vectorsPerClass;
    static constexpr Identity identity{.name = "SVMClassifier", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(in(featureTypes), out(i64 | str, f32)));
    static constexpr auto attributes() {
        using Op = SVMClassifier;
        return std::tuple{attr(1, "classlabels_ints", &Op::labelInts, "labels of the classes"),
                          attr(2, "classlabels_strings", &Op::labelTexts, "or labels as texts"),
                          attr(3, "coefficients", &Op::coefficients, "c[classes - 1, vectors], or W[classes, features]"),
                          attr(4, "kernel_params", &Op::kernelParameters, "gamma, coef0, degree"),
                          attr(5, "kernel_type", &Op::kernel, "k(x, v)").oneOf(kKernels),
                          attr(6, "post_transform", &Op::postTransform, "applied to the scores").oneOf(kPostTransforms),
                          attr(7, "prob_a", &Op::probA, "slope of the logistic fit of each pair"),
                          attr(8, "prob_b", &Op::probB, "offset of the logistic fit of each pair"),
                          attr(9, "rho", &Op::rho, "one for each pair of classes"),
                          attr(10, "support_vectors", &Op::supportVectors, "v[vectors, features], class after class"),
                          attr(11, "vectors_per_class", &Op::vectorsPerClass, "number of vectors of each class")};
    }
    void check(const abi::LayerInfo&) {
        checkModel();
        checkLabels();
        starts_.assign(1, 0);
        for (const std::int64_t count : vectorsPerClass) {
            if (count < 0 || count > kMost) throw Error("a class has " + std::to_string(count) + " support vectors");
            starts_.push_back(starts_.back() + count);
        }
        classes_ = static_cast<std::size_t>(std::max<std::int64_t>(classCount(), 1));
        if (vectorCount() > 0) checkVectors();
        isPositive_ = std::ranges::all_of(coefficients, [](float c) { return c >= 0; });
    }
    void types(std::span<const DataType>, std::span<DataType> out) const {
        out[0] = labelType();
        if (out.size() > 1) out[1] = DataType::f32;
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape{rowsOf(x[0])};
        y[1] = Shape{rowsOf(x[0]), static_cast<std::int64_t>(columnCount())};
        if (const auto columns = columnsOf(x[0])) checkColumns(static_cast<std::size_t>(*columns));
    }
    void run(const Launch& l) const {
        checkColumns(static_cast<std::size_t>(featuresOf(l.inputDesc(0)).columns));
        const PostTransform transform = postTransformOf(postTransform);
        float* y = l.output<float>(1).data;
        forRows(l, static_cast<std::int64_t>(numbers().size()), [&](std::int64_t n, std::span<const double> row) {
            std::vector<double> votes;
            std::vector<double> scores = vectorCount() > 0 ? pairScores(row, votes) : linearScores(row);
            if (hasProbabilities()) scores = pairwiseProbabilities(classes_, fitted(scores));
            const std::vector<double>& ballot = votes.empty() ? scores : votes;
            const auto best = std::ranges::max_element(ballot);
            const auto winner = static_cast<std::size_t>(best - ballot.begin());
            writeWinner(l, n, winner, *best);
            if (scores.size() == 1 && columnCount() == 2) {
                scores.resize(2);
                binaryScores(transform, scores[0], transform != PostTransform::none, scores);
            } else transformScoresOrOne(transform, scores);
            writeScores(scores, y, n);
        });
    }

private:
    static constexpr std::int64_t kMost = 1 << 30;
    std::size_t vectorCount() const { return static_cast<std::size_t>(starts_.back()); }
    std::size_t pairCount() const { return classes_ * (classes_ - 1) / 2; }
    bool hasProbabilities() const { return vectorCount() > 0 && !probA.empty(); }
    std::size_t columnCount() const {
        if (hasProbabilities() || vectorCount() == 0) return classes_;
        return std::max<std::size_t>(pairCount(), 2);
    }
    const std::vector<float>& numbers() const { return vectorCount() > 0 ? supportVectors : coefficients; }
    void checkColumns(std::size_t columns) const {
        const std::size_t vectors = vectorCount() > 0 ? vectorCount() : classes_;
        if (numbers().size() % vectors != 0 || numbers().size() / vectors != columns)
            throw Error("the model does not fit " + std::to_string(columns) + " features");
    }
    void checkVectors() const {
        if (classes_ < 2 || vectorsPerClass.size() != classes_)
            throw Error("attribute 'vectors_per_class' must have an entry for each of at least 2 classes");
        if (rho.size() < pairCount()) throw Error("attribute 'rho' must have an entry for each pair of classes");
        if (vectorCount() > coefficients.size() || coefficients.size() < (classes_ - 1) * vectorCount())
            throw Error("attribute 'coefficients' must have classes - 1 rows with an entry for each support vector");
        if (probA.size() != probB.size() || (!probA.empty() && probA.size() < pairCount()))
            throw Error("attributes 'prob_a' and 'prob_b' must have an entry for each pair of classes");
    }
    std::vector<double> linearScores(std::span<const double> row) const {
        std::vector<double> scores(classes_);
        for (std::size_t c = 0; c < classes_; ++c)
            scores[c] = rho[0] + dot(row, coefficients.data() + c * row.size());
        return scores;
    }
    // s(i, j) of every pair, and the votes of the pairs.
    std::vector<double> pairScores(std::span<const double> row, std::vector<double>& votes) const {
        std::vector<double> kernels(vectorCount()), scores;
        for (std::size_t v = 0; v < kernels.size(); ++v)
            kernels[v] = kernelOf(row, supportVectors.data() + v * row.size());
        votes.assign(classes_, 0);
        for (std::size_t i = 0; i < classes_; ++i)
            for (std::size_t j = i + 1; j < classes_; ++j) {
                scores.push_back(rho[scores.size()] + partial(kernels, j - 1, i) + partial(kernels, i, j));
                votes[scores.back() > 0 ? i : j] += 1;
            }
        return scores;
    }
    // The part of a pair's sum over the vectors of class c, with coefficients from the given row.
    double partial(const std::vector<double>& kernels, std::size_t row, std::size_t c) const {
        double sum = 0;
        for (auto v = static_cast<std::size_t>(starts_[c]); v < static_cast<std::size_t>(starts_[c + 1]); ++v)
            sum += coefficients[row * vectorCount() + v] * kernels[v];
        return sum;
    }
    // The probability of i against j for every pair (J. Platt's logistic fit).
    std::vector<double> fitted(const std::vector<double>& scores) const {
        std::vector<double> p(scores.size());
        for (std::size_t k = 0; k < p.size(); ++k)
            p[k] = std::clamp(1 - logistic(scores[k] * probA[k] + probB[k]), 1e-7, 1 - 1e-7);
        return p;
    }
    // Where two classes share one rho and have no vectors, other runtimes compare the greatest score with a threshold.
    void writeWinner(const Launch& l, std::int64_t n, std::size_t winner, double score) const {
        const bool hasThreshold = classes_ == 2 && rho.size() == 1 && vectorCount() == 0;
        const bool isSecond = hasThreshold && (isPositive_ ? score >= 0.5 : score > 0);
        writeLabel(l, n, isSecond ? 1 : winner);
    }

    std::vector<std::int64_t> starts_{0};  // first vector of each class, and the number of vectors
    std::size_t classes_ = 1;
    bool isPositive_ = false;
};

}  // namespace tenon::ml

TENON_OPERATORS(svm_classifier, tenon::ml::SVMClassifier)
