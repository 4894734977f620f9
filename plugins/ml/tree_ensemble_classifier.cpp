// scores[n, c] = transform(base[c] + sum over trees of the weights for c in the leaf that row n of x falls into), and the label
// of the class with the greatest score (ONNX-ML TreeEnsembleClassifier opset 1 and later).
#include "classes.h"
#include "node_lists.h"
#include "post_transform.h"

#include <memory>

namespace tenon::ml {
using namespace sdk;

struct TreeEnsembleClassifier : NodeLists, Classes {
    std::string postTransform = "NONE";
    static constexpr Identity identity{.name = "TreeEnsembleClassifier", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(in(featureTypes), out(i64 | str, f32)));
    static constexpr auto attributes() {
        using Op = TreeEnsembleClassifier;
        return std::tuple_cat(
            nodeAttributes(),
            std::tuple{attr(20, "classlabels_int64s", &Op::labelInts, "labels of the classes"),
                       attr(21, "classlabels_strings", &Op::labelTexts, "or labels as texts"),
                       attr(22, "class_treeids", &Op::voteTrees, "tree of each weight"),
                       attr(23, "class_nodeids", &Op::voteNodes, "leaf of each weight"),
                       attr(24, "class_ids", &Op::voteTargets, "class of each weight"),
                       attr(25, "class_weights", &Op::voteWeights, "the weights"),
                       attr(26, "class_weights_as_tensor", &Op::voteWeightsTensor, "the same in double"),
                       attr(27, "post_transform", &Op::postTransform, "applied to the scores").oneOf(kPostTransforms)});
    }
    void check(const abi::LayerInfo&) {
        checkLabels();
        if (classCount() == 0) throw Error("no class labels are given");
        forest_ = std::make_shared<const Forest>(trees(), classCount());
        const auto isFirst = [&](std::int64_t c) { return c == voteTargets.front(); };
        isBinary_ = classCount() == 2 && !voteTargets.empty() && std::ranges::all_of(voteTargets, isFirst);
        const auto isPositive = [](double w) { return w >= 0; };
        threshold_ = std::ranges::all_of(numbersOf(voteWeights, voteWeightsTensor), isPositive) ? 0.5 : 0;
        bases_ = bases();
        hasBases_ = !bases_.empty();
        const auto classes = static_cast<std::size_t>(classCount());
        if (bases_.size() > 1) checkLength("base_values", bases_.size(), classes);
        if (bases_.size() == 1 && isBinary_ && voteTargets.front() == 1) bases_.insert(bases_.begin(), 0);
        bases_.resize(classes);
    }
    void types(std::span<const DataType>, std::span<DataType> out) const {
        out[0] = labelType();
        if (out.size() > 1) out[1] = DataType::f32;
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape{rowsOf(x[0])};
        y[1] = Shape{rowsOf(x[0]), classCount()};
        if (const auto columns = columnsOf(x[0])) forest_->checkFeatures(*columns);
    }
    void run(const Launch& l) const {
        const PostTransform transform = postTransformOf(postTransform);
        float* y = l.output<float>(1).data;
        const auto finish = [&](std::int64_t n, std::span<const Score> scores, std::span<double> v) {
            for (std::size_t c = 0; c < v.size(); ++c)
                v[c] = scores[c].value + bases_[c];
            if (classCount() == 1) finishOne(l, n, transform, v);
            else if (isBinary_) finishBinary(l, n, transform, static_cast<std::size_t>(voteTargets.front()), v);
            else if (hasMargins() && !scores[1].seen) finishBinary(l, n, transform, 0, v);
            else finishMany(l, n, transform, scores, v);
            std::ranges::transform(v, y + n * classCount(), [](double e) { return static_cast<float>(e); });
        };
        dispatch<featureTypes>(l.inputType(0), [&]<class T>() {
            forest_->evaluate(l.input<T>(0).data, featuresOf(l.inputDesc(0)), Aggregate::sum, finish);
        });
    }

private:
    // One label: whether the score is positive, as the number 1 or 0.
    void finishOne(const Launch& l, std::int64_t n, PostTransform transform, std::span<double> v) const {
        if (areTexts()) writeLabel(l, n, 0);
        else l.output<std::int64_t>(0)[n] = static_cast<std::int64_t>(v[0] > 0);
        transformScoresOrOne(transform, v);
    }
    // Two classes, with weights that are no probabilities.
    bool hasMargins() const { return classCount() == 2 && threshold_ == 0 && !hasBases_; }
    // All votes are for one of two classes. Its weights are probabilities when none is negative, else margins. Votes for class 0
    // are a convention: they speak for class 1, and class 0 has what complements them.
    void finishBinary(const Launch& l, std::int64_t n, PostTransform transform, std::size_t voted, std::span<double> v) const {
        const double score = v[voted];
        writeLabel(l, n, score > threshold_ ? 1 : 0);
        if (voted == 1) transformScores(transform, v);
        else binaryScores(transform, score, threshold_ > 0, v);
    }
    // The greatest score among the classes that have votes or a base value.
    void finishMany(const Launch& l, std::int64_t n, PostTransform transform, std::span<const Score> scores,
                    std::span<double> v) const {
        std::size_t best = v.size();
        for (std::size_t c = 0; c < v.size(); ++c)
            if ((hasBases_ || scores[c].seen) && (best == v.size() || v[c] > v[best])) best = c;
        writeLabel(l, n, best == v.size() ? 0 : best);
        transformScores(transform, v);
    }

    std::shared_ptr<const Forest> forest_;
    std::vector<double> bases_;
    bool isBinary_ = false;
    bool hasBases_ = false;
    double threshold_ = 0;
};

}  // namespace tenon::ml

TENON_OPERATORS(tree_ensemble_classifier, tenon::ml::TreeEnsembleClassifier)
