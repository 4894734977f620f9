// Trees as TreeEnsembleRegressor and TreeEnsembleClassifier state them: parallel lists, one entry for each node or vote.
#pragma once

#include "forest.h"

namespace tenon::ml {

// The numbers of a list that is stated as floats or (opset 3) as a tensor of floats or doubles.
inline std::vector<double> numbersOf(const sdk::Tensor& tensor) {
    std::vector<double> v;
    const auto read = [&]<class T>() {
        v.resize(tensor.bytes.size() / sizeof(T));
        std::vector<T> stored(v.size());
        if (!v.empty()) std::memcpy(stored.data(), tensor.bytes.data(), v.size() * sizeof(T));
        std::ranges::transform(stored, v.begin(), [](T e) { return static_cast<double>(static_cast<sdk::Compute<T>>(e)); });
    };
    sdk::dispatch<sdk::f32 | sdk::f64 | sdk::f16>(tensor.type, read);
    return v;
}
inline std::vector<double> numbersOf(const std::vector<float>& list, const sdk::Tensor& tensor) {
    if (tensor.type == sdk::DataType::undefined) return {list.begin(), list.end()};
    if (!list.empty()) throw sdk::Error("a list is given both as floats and as a tensor");
    return numbersOf(tensor);
}
inline void checkLength(const char* name, std::size_t length, std::size_t expected) {
    if (length != expected)
        throw sdk::Error("attribute '" + std::string(name) + "' has " + std::to_string(length) + " entries, must have " +
                         std::to_string(expected));
}

class NodeLists {
public:
    std::vector<std::int64_t> treeIds, nodeIds, featureIds, trueIds, falseIds, missing;
    std::vector<std::string> modes;
    std::vector<float> values, hitrates;
    sdk::Tensor valuesTensor, hitratesTensor;
    std::vector<std::int64_t> voteTrees, voteNodes, voteTargets;
    std::vector<float> voteWeights, baseValues;
    sdk::Tensor voteWeightsTensor, baseValuesTensor;

    static constexpr auto nodeAttributes() {
        using sdk::attr;
        using L = NodeLists;
        return std::tuple{attr(1, "nodes_treeids", &L::treeIds, "tree of each node"),
                          attr(2, "nodes_nodeids", &L::nodeIds, "number of each node in its tree"),
                          attr(3, "nodes_featureids", &L::featureIds, "feature that a node tests"),
                          attr(4, "nodes_modes", &L::modes, "test of a node: BRANCH_LEQ, _LT, _GTE, _GT, _EQ, _NEQ, or LEAF"),
                          attr(5, "nodes_values", &L::values, "threshold of each node"),
                          attr(6, "nodes_values_as_tensor", &L::valuesTensor, "the same in double"),
                          attr(7, "nodes_truenodeids", &L::trueIds, "node that follows where the test holds"),
                          attr(8, "nodes_falsenodeids", &L::falseIds, "node that follows where it does not"),
                          attr(9, "nodes_missing_value_tracks_true", &L::missing, "whether NaN passes the test; default: no"),
                          attr(10, "nodes_hitrates", &L::hitrates, "popularity of each node, not used"),
                          attr(11, "nodes_hitrates_as_tensor", &L::hitratesTensor, "the same in double"),
                          attr(12, "base_values", &L::baseValues, "added to the scores"),
                          attr(13, "base_values_as_tensor", &L::baseValuesTensor, "the same in double")};
    }

protected:
    Trees trees() const {
        checkLengths();
        const Index index = indexed();
        Trees t;
        t.branches.resize(nodeIds.size());
        t.leafCount = static_cast<std::int64_t>(nodeIds.size());
        const std::vector<double> thresholds = numbersOf(values, valuesTensor);
        std::vector<bool> isChild(nodeIds.size());
        for (std::size_t i = 0; i < nodeIds.size(); ++i)
            if (modes[i] != "LEAF") t.branches[i] = branch(i, thresholds, index, isChild);
        t.roots = roots(isChild);
        t.votes = votes(index);
        return t;
    }
    std::vector<double> bases() const { return numbersOf(baseValues, baseValuesTensor); }

private:
    struct Place {
        std::int64_t tree, node;
        std::size_t at;
        auto operator<=>(const Place&) const = default;
    };
    using Index = std::vector<Place>;

    void checkLengths() const {
        const std::size_t count = nodeIds.size();
        checkLength("nodes_treeids", treeIds.size(), count);
        checkLength("nodes_featureids", featureIds.size(), count);
        checkLength("nodes_modes", modes.size(), count);
        checkLength("nodes_truenodeids", trueIds.size(), count);
        checkLength("nodes_falsenodeids", falseIds.size(), count);
        if (!missing.empty()) checkLength("nodes_missing_value_tracks_true", missing.size(), count);
        checkLength("nodes_values", numbersOf(values, valuesTensor).size(), count);
    }
    Index indexed() const {
        Index index;
        for (std::size_t i = 0; i < nodeIds.size(); ++i)
            index.push_back({treeIds[i], nodeIds[i], i});
        std::ranges::sort(index);
        const auto same = [](const Place& a, const Place& b) { return a.tree == b.tree && a.node == b.node; };
        const auto twice = std::ranges::adjacent_find(index, same);
        if (twice != index.end()) throw sdk::Error(name(twice->tree, twice->node) + " is given twice");
        return index;
    }
    static std::string name(std::int64_t tree, std::int64_t node) {
        return "node " + std::to_string(node) + " of tree " + std::to_string(tree);
    }
    static std::size_t find(const Index& index, std::int64_t tree, std::int64_t node) {
        const auto p = std::ranges::lower_bound(index, Place{tree, node, 0});
        if (p == index.end() || p->tree != tree || p->node != node) throw sdk::Error("there is no " + name(tree, node));
        return p->at;
    }
    Branch branch(std::size_t i, const std::vector<double>& thresholds, const Index& index, std::vector<bool>& isChild) const {
        const auto child = [&](std::int64_t node) {
            const std::size_t at = find(index, treeIds[i], node);
            isChild[at] = true;
            return reference(at);
        };
        return {.threshold = thresholds[i],
                .feature = featureIds[i],
                .mode = modeOf(modes[i]),
                .missingIsTrue = !missing.empty() && missing[i] != 0,
                .onTrue = child(trueIds[i]),
                .onFalse = child(falseIds[i])};
    }
    static Mode modeOf(const std::string& mode) {
        constexpr std::array<std::string_view, 6> kNames{"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE",
                                                         "BRANCH_GT",  "BRANCH_EQ", "BRANCH_NEQ"};
        const auto found = std::ranges::find(kNames, mode);
        if (found == kNames.end()) throw sdk::Error("there is no node mode \"" + mode + "\"");
        return static_cast<Mode>(found - kNames.begin());
    }
    std::int64_t reference(std::size_t at) const {
        const auto i = static_cast<std::int64_t>(at);
        return modes[at] == "LEAF" ? ~i : i;
    }
    // The root of a tree is the first of its nodes that is no child.
    std::vector<std::int64_t> roots(const std::vector<bool>& isChild) const {
        std::vector<std::pair<std::int64_t, std::int64_t>> first;  // tree, reference of its root
        for (std::size_t i = 0; i < nodeIds.size(); ++i)
            if (!isChild[i]) first.emplace_back(treeIds[i], reference(i));
        std::ranges::stable_sort(first, {}, &std::pair<std::int64_t, std::int64_t>::first);
        const auto sameTree = [](const auto& a, const auto& b) { return a.first == b.first; };
        first.erase(std::unique(first.begin(), first.end(), sameTree), first.end());
        std::vector<std::int64_t> trees = treeIds;
        std::ranges::sort(trees);
        trees.erase(std::unique(trees.begin(), trees.end()), trees.end());
        if (first.size() != trees.size()) throw sdk::Error("a tree has no root");
        std::vector<std::int64_t> roots;
        for (const auto& [tree, root] : first)
            roots.push_back(root);
        return roots;
    }
    // Votes of nodes that are no leaves never count.
    std::vector<Vote> votes(const Index& index) const {
        const std::vector<double> weights = numbersOf(voteWeights, voteWeightsTensor);
        checkLength("treeids of the votes", voteTrees.size(), weights.size());
        checkLength("nodeids of the votes", voteNodes.size(), weights.size());
        checkLength("ids of the votes", voteTargets.size(), weights.size());
        std::vector<Vote> votes;
        for (std::size_t i = 0; i < weights.size(); ++i)
            votes.push_back({static_cast<std::int64_t>(find(index, voteTrees[i], voteNodes[i])), voteTargets[i], weights[i]});
        return votes;
    }
};

}  // namespace tenon::ml
