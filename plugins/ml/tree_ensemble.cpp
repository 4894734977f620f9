// y[n, t] = transform(aggregate over trees of the weights for t of the leaf that row n of x falls into)
// (ONNX-ML TreeEnsemble opset 5).
#include "node_lists.h"
#include "post_transform.h"

#include <memory>

namespace tenon::ml {
using namespace sdk;

struct TreeEnsemble {
    std::int64_t aggregate = 1, postTransform = 0, targets = 1;
    std::vector<std::int64_t> roots, featureIds, trueIds, falseIds, trueLeafs, falseLeafs, missing, leafTargets;
    Tensor modes, splits, members, leafWeights, hitrates;
    static constexpr Identity identity{.name = "TreeEnsemble", .since = 5, .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr Slot T = var('T', f32 | f64 | f16);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        using Op = TreeEnsemble;
        return std::tuple{
            attr(1, "aggregate_function", &Op::aggregate, "0 average, 1 sum, 2 least, 3 greatest").range(0, 3),
            attr(2, "post_transform", &Op::postTransform, "0 none, 1 softmax, 2 logistic, 3 softmax of the rest, 4 probit")
                .range(0, 4),
            attr(3, "n_targets", &Op::targets, "number of targets"),
            attr(4, "tree_roots", &Op::roots, "root of each tree").required(),
            attr(5, "nodes_featureids", &Op::featureIds, "feature that a node tests").required(),
            attr(6, "nodes_modes", &Op::modes, "test: 0 <=, 1 <, 2 >=, 3 >, 4 ==, 5 !=, 6 in a set").required(),
            attr(7, "nodes_splits", &Op::splits, "threshold of each node").required(),
            attr(8, "membership_values", &Op::members, "the sets of the nodes of mode 6, each ended by NaN"),
            attr(9, "nodes_truenodeids", &Op::trueIds, "node or leaf that follows where the test holds").required(),
            attr(10, "nodes_falsenodeids", &Op::falseIds, "node or leaf that follows where it does not").required(),
            attr(11, "nodes_trueleafs", &Op::trueLeafs, "whether that is a leaf").required(),
            attr(12, "nodes_falseleafs", &Op::falseLeafs, "whether that is a leaf").required(),
            attr(13, "nodes_missing_value_tracks_true", &Op::missing, "whether NaN passes the test; default: no"),
            attr(14, "nodes_hitrates", &Op::hitrates, "popularity of each node, not used"),
            attr(15, "leaf_targetids", &Op::leafTargets, "target of each leaf").required(),
            attr(16, "leaf_weights", &Op::leafWeights, "weight of each leaf").required()};
    }
    void check(const abi::LayerInfo&) { forest_ = std::make_shared<const Forest>(trees(), targets); }
    void infer(Shapes x, Shapes y) const {
        y[0] = Shape{rowsOf(x[0]), targets};
        if (const auto columns = columnsOf(x[0])) forest_->checkFeatures(*columns);
    }
    void run(const Launch& l) const {
        const auto how = static_cast<Aggregate>(aggregate);
        const double scale = how == Aggregate::average ? 1.0 / static_cast<double>(forest_->treeCount()) : 1;
        dispatch<f32 | f64 | f16>(l.inputType(0), [&]<class E>() {
            E* y = l.output<E>(0).data;
            const auto finish = [&](std::int64_t n, std::span<const Score> scores, std::span<double> v) {
                std::ranges::transform(scores, v.begin(), [&](const Score& s) { return s.value * scale; });
                transformScoresOrOne(static_cast<PostTransform>(postTransform), v);
                std::ranges::transform(v, y + n * targets, [](double s) { return E(static_cast<Compute<E>>(s)); });
            };
            forest_->evaluate(l.input<E>(0).data, featuresOf(l.inputDesc(0)), how, finish);
        });
    }

private:
    Trees trees() const {
        const std::vector<double> thresholds = numbersOf(splits), weights = numbersOf(leafWeights);
        checkLengths(thresholds.size());
        checkLength("leaf_weights", weights.size(), leafTargets.size());
        Trees t{.branches = {}, .roots = roots, .votes = {}, .leafCount = static_cast<std::int64_t>(weights.size())};
        for (std::size_t i = 0; i < featureIds.size(); ++i)
            t.branches.push_back({.threshold = thresholds[i],
                                  .feature = featureIds[i],
                                  .mode = modeOf(i),
                                  .missingIsTrue = !missing.empty() && missing[i] != 0,
                                  .onTrue = child(trueIds[i], trueLeafs[i]),
                                  .onFalse = child(falseIds[i], falseLeafs[i])});
        giveSets(t);
        for (std::size_t i = 0; i < weights.size(); ++i)
            t.votes.push_back({static_cast<std::int64_t>(i), leafTargets[i], weights[i]});
        std::ranges::transform(roots, t.roots.begin(), [](std::int64_t root) { return child(root, 0); });
        return t;
    }
    void checkLengths(std::size_t thresholdCount) const {
        const std::size_t count = featureIds.size();
        if (modes.type != DataType::u8) throw Error("attribute 'nodes_modes' must be of type uint8");
        checkLength("nodes_modes", modes.bytes.size(), count);
        checkLength("nodes_splits", thresholdCount, count);
        checkLength("nodes_truenodeids", trueIds.size(), count);
        checkLength("nodes_falsenodeids", falseIds.size(), count);
        checkLength("nodes_trueleafs", trueLeafs.size(), count);
        checkLength("nodes_falseleafs", falseLeafs.size(), count);
        if (!missing.empty()) checkLength("nodes_missing_value_tracks_true", missing.size(), count);
    }
    Mode modeOf(std::size_t i) const {
        const auto mode = static_cast<int>(modes.bytes[i]);
        if (mode > static_cast<int>(Mode::member)) throw Error("there is no node mode " + std::to_string(mode));
        return static_cast<Mode>(mode);
    }
    static std::int64_t child(std::int64_t id, std::int64_t isLeaf) {
        if (id < 0) throw Error("there is no node " + std::to_string(id));
        return isLeaf != 0 ? ~id : id;
    }
    // Hands the sets, in order, to the nodes that test membership.
    void giveSets(Trees& t) const {
        const std::vector<double> values = members.type == DataType::undefined ? std::vector<double>() : numbersOf(members);
        auto at = values.begin();
        for (Branch& b : t.branches) {
            if (b.mode != Mode::member) continue;
            if (at == values.end()) throw Error("'membership_values' has fewer sets than there are nodes of mode 6");
            const auto end = std::find_if(at, values.end(), [](double v) { return std::isnan(v); });
            b.members.assign(at, end);
            at = end == values.end() ? end : end + 1;
        }
    }
    std::shared_ptr<const Forest> forest_;
};

}  // namespace tenon::ml

TENON_OPERATORS(tree_ensemble, tenon::ml::TreeEnsemble)
