// y[n, t] = transform(base[t] + aggregate over trees of the weights for t in the leaf that row n of x falls into)
// (ONNX-ML TreeEnsembleRegressor opset 1 and later).
#include "node_lists.h"
#include "post_transform.h"

#include <memory>

namespace tenon::ml {
using namespace sdk;

struct TreeEnsembleRegressor : NodeLists {
    std::int64_t targets = 1;
    std::string aggregate = "SUM", postTransform = "NONE";
    static constexpr Identity identity{.name = "TreeEnsembleRegressor", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(featureTypes, f32));
    static constexpr auto attributes() {
        using Op = TreeEnsembleRegressor;
        return std::tuple_cat(
            nodeAttributes(),
            std::tuple{attr(20, "n_targets", &Op::targets, "number of targets"),
                       attr(21, "target_treeids", &Op::voteTrees, "tree of each weight"),
                       attr(22, "target_nodeids", &Op::voteNodes, "leaf of each weight"),
                       attr(23, "target_ids", &Op::voteTargets, "target of each weight"),
                       attr(24, "target_weights", &Op::voteWeights, "the weights"),
                       attr(25, "target_weights_as_tensor", &Op::voteWeightsTensor, "the same in double"),
                       attr(26, "aggregate_function", &Op::aggregate, "how the trees combine").oneOf(kAggregates),
                       attr(27, "post_transform", &Op::postTransform, "applied to the scores").oneOf(kPostTransforms)});
    }
    void check(const abi::LayerInfo&) {
        forest_ = std::make_shared<const Forest>(trees(), targets);
        bases_ = bases();
        if (bases_.size() > 1) checkLength("base_values", bases_.size(), static_cast<std::size_t>(targets));
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape{rowsOf(x[0]), targets};
        if (const auto columns = columnsOf(x[0])) forest_->checkFeatures(*columns);
    }
    void run(const Launch& l) const {
        const PostTransform transform = postTransformOf(postTransform);
        const Aggregate how = aggregateOf(aggregate);
        const double scale = how == Aggregate::average ? 1.0 / static_cast<double>(forest_->treeCount()) : 1;
        float* y = l.output<float>(0).data;
        const auto finish = [&](std::int64_t n, std::span<const Score> scores, std::span<double> v) {
            for (std::size_t t = 0; t < v.size(); ++t)
                v[t] = scores[t].value * scale + (bases_.empty() ? 0 : bases_[entryOf(bases_.size(), t)]);
            transformScoresOrOne(transform, v);
            std::ranges::transform(v, y + n * targets, [](double e) { return static_cast<float>(e); });
        };
        dispatch<featureTypes>(
            l.inputType(0), [&]<class T>() { forest_->evaluate(l.input<T>(0).data, featuresOf(l.inputDesc(0)), how, finish); });
    }

private:
    std::shared_ptr<const Forest> forest_;
    std::vector<double> bases_;
};

}  // namespace tenon::ml

TENON_OPERATORS(tree_ensemble_regressor, tenon::ml::TreeEnsembleRegressor)
