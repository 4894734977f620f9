// Decision trees, compiled once into flat arrays, and the scores of rows under them.
#pragma once

#include "features.h"

#include <algorithm>
#include <limits>

namespace tenon::ml {

enum class Mode : std::uint8_t { leq, lt, gte, gt, eq, neq, member };  // numbered as in TreeEnsemble opset 5

// A tree as operators describe it. A child is the index of a branch, or ~i for leaf i.
struct Branch {
    double threshold = 0;
    std::int64_t feature = 0;
    Mode mode = Mode::leq;
    bool missingIsTrue = false;
    std::int64_t onTrue = 0, onFalse = 0;
    std::vector<double> members{};  // of Mode::member
};
struct Vote {
    std::int64_t leaf = 0, target = 0;
    double weight = 0;
};
struct Trees {
    std::vector<Branch> branches;
    std::vector<std::int64_t> roots;
    std::vector<Vote> votes;  // in any order
    std::int64_t leafCount = 0;
};

// The aggregate of the votes for one target so far.
struct Score {
    double value = 0;
    bool seen = false;
};
enum class Aggregate { average, sum, min, max };  // numbered as in TreeEnsemble opset 5
inline constexpr const char* kAggregates = "AVERAGE|SUM|MIN|MAX";

inline Aggregate aggregateOf(const std::string& name) {
    constexpr std::array<std::string_view, 4> kNames{"AVERAGE", "SUM", "MIN", "MAX"};
    return static_cast<Aggregate>(std::ranges::find(kNames, name) - kNames.begin());
}

// Immutable once made; copies of an operator share one.
class Forest {
public:
    // Throws where the trees are not trees: indices out of range, branches reached twice, targets outside [0, targetCount).
    Forest(Trees trees, std::int64_t targetCount) : targetCount_(targetCount) {
        if (targetCount < 1 || targetCount > kMost) throw sdk::Error("there are " + std::to_string(targetCount) + " targets");
        if (trees.roots.empty()) throw sdk::Error("there are no trees");
        sortVotes(trees);
        std::vector<bool> used(trees.branches.size());
        for (const std::int64_t root : trees.roots)
            add(trees, root, used);
        uniform_ = std::ranges::all_of(nodes_, [&](const Node& n) { return isLeaf(n) || n.mode == Mode::leq; });
    }
    std::int64_t targetCount() const { return targetCount_; }
    std::int64_t treeCount() const { return static_cast<std::int64_t>(roots_.size()); }
    void checkFeatures(std::int64_t columns) const {
        if (greatestFeature_ >= columns)
            throw sdk::Error("a tree asks for feature " + std::to_string(greatestFeature_) + " of " + std::to_string(columns));
    }
    // Calls finish(row, scores, scratch) with the aggregated scores of each row of x, rows in parallel; `scratch` has as many
    // numbers as there are targets.
    template <class T, class F>
    void evaluate(const T* x, Features shape, Aggregate aggregate, F&& finish) const {
        checkFeatures(shape.columns);
        const std::int64_t grain = std::max<std::int64_t>(1, 2048 / std::max<std::int64_t>(1, treeCount()));
        sdk::parallelFor(shape.rows, grain, [&](std::int64_t begin, std::int64_t end) {
            std::vector<Score> scores(static_cast<std::size_t>(std::min(end - begin, kBlock) * targetCount_));
            std::vector<double> scratch(static_cast<std::size_t>(targetCount_));
            for (std::int64_t at = begin; at < end; at += kBlock) {
                const std::int64_t count = std::min(kBlock, end - at);
                std::ranges::fill(scores, Score{});
                scoreBlock(x + at * shape.columns, shape.columns, count, aggregate, scores.data());
                for (std::int64_t i = 0; i < count; ++i)
                    finish(at + i, std::span(scores.data() + i * targetCount_, scratch.size()), std::span(scratch));
            }
        });
    }

private:
    static constexpr std::int64_t kBlock = 32;  // rows that walk through one tree before the next
    static constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();

    // In preorder: the true child of a branch follows it.
    struct Node {
        double threshold;
        std::int32_t feature;  // -1: a leaf
        std::int32_t other;    // branch: its false child; leaf: its first vote
        std::int32_t extra;    // Mode::member: its set; leaf: how many votes
        Mode mode;
        bool missingIsTrue;
    };
    struct Weight {
        double weight;
        std::int32_t target;
    };
    struct Pending {
        std::int64_t child, parent;  // the node whose false child this is, or -1
    };
    static bool isLeaf(const Node& n) { return n.feature < 0; }
    static std::int32_t narrow(std::int64_t v, const char* what) {
        if (v < 0 || v > kMost) throw sdk::Error(std::string(what) + " " + std::to_string(v) + " is out of range");
        return static_cast<std::int32_t>(v);
    }

    void sortVotes(Trees& trees) {
        std::ranges::stable_sort(trees.votes, {}, &Vote::leaf);
        for (const Vote& v : trees.votes) {
            if (v.leaf < 0 || v.leaf >= trees.leafCount) throw sdk::Error("there is no leaf " + std::to_string(v.leaf));
            if (v.target < 0 || v.target >= targetCount_)
                throw sdk::Error("target " + std::to_string(v.target) + " is outside [0, " + std::to_string(targetCount_) + ")");
            weights_.push_back({v.weight, static_cast<std::int32_t>(v.target)});
        }
        narrow(static_cast<std::int64_t>(trees.votes.size()), "the number of votes");
    }
    void add(const Trees& trees, std::int64_t root, std::vector<bool>& used) {
        roots_.push_back(static_cast<std::int32_t>(nodes_.size()));
        std::vector<Pending> pending{{root, -1}};
        while (!pending.empty()) {
            const auto [child, parent] = pending.back();
            pending.pop_back();
            const std::int32_t index = narrow(static_cast<std::int64_t>(nodes_.size()), "the number of nodes");
            if (parent >= 0) nodes_[static_cast<std::size_t>(parent)].other = index;
            if (child < 0) {
                addLeaf(trees, ~child);
            } else {
                addBranch(trees, child, used);
                const Branch& b = trees.branches[static_cast<std::size_t>(child)];
                pending.push_back({b.onFalse, index});
                pending.push_back({b.onTrue, -1});
            }
        }
    }
    void addLeaf(const Trees& trees, std::int64_t leaf) {
        if (leaf >= trees.leafCount) throw sdk::Error("there is no leaf " + std::to_string(leaf));
        const auto votes = std::ranges::equal_range(trees.votes, leaf, {}, &Vote::leaf);
        nodes_.push_back({0, -1, static_cast<std::int32_t>(votes.begin() - trees.votes.begin()),
                          static_cast<std::int32_t>(votes.size()), Mode::leq, false});
    }
    void addBranch(const Trees& trees, std::int64_t branch, std::vector<bool>& used) {
        if (branch >= static_cast<std::int64_t>(used.size())) throw sdk::Error("there is no node " + std::to_string(branch));
        if (used[static_cast<std::size_t>(branch)]) throw sdk::Error("a node of a tree is reached twice");
        used[static_cast<std::size_t>(branch)] = true;
        const Branch& b = trees.branches[static_cast<std::size_t>(branch)];
        const std::int32_t feature = narrow(b.feature, "feature");
        greatestFeature_ = std::max(greatestFeature_, b.feature);
        nodes_.push_back({b.threshold, feature, 0, static_cast<std::int32_t>(sets_.size()), b.mode, b.missingIsTrue});
        if (b.mode != Mode::member) return;
        sets_.push_back(b.members);
        std::ranges::sort(sets_.back());
    }

    template <class T>
    void scoreBlock(const T* x, std::int64_t columns, std::int64_t count, Aggregate aggregate, Score* scores) const {
        for (const std::int32_t root : roots_)
            for (std::int64_t i = 0; i < count; ++i) {
                const T* row = x + i * columns;
                const Node& leaf = uniform_ ? descend(root, row, [](const Node& n, double v) { return v <= n.threshold; })
                                            : descend(root, row, [this](const Node& n, double v) { return holds(n, v); });
                for (const Weight& w :
                     std::span(weights_).subspan(static_cast<std::size_t>(leaf.other), static_cast<std::size_t>(leaf.extra)))
                    vote(scores[i * targetCount_ + w.target], w.weight, aggregate);
            }
    }
    template <class T, class Test>
    const Node& descend(std::int32_t root, const T* row, Test test) const {
        const Node* n = nodes_.data() + root;
        while (!isLeaf(*n)) {
            const auto v = static_cast<double>(static_cast<sdk::Compute<T>>(row[n->feature]));
            n = test(*n, v) || (n->missingIsTrue && std::isnan(v)) ? n + 1 : nodes_.data() + n->other;
        }
        return *n;
    }
    bool holds(const Node& n, double v) const {
        switch (n.mode) {
            case Mode::leq: return v <= n.threshold;
            case Mode::lt: return v < n.threshold;
            case Mode::gte: return v >= n.threshold;
            case Mode::gt: return v > n.threshold;
            case Mode::eq: return v == n.threshold;
            case Mode::neq: return v != n.threshold;
            case Mode::member: return !std::isnan(v) && std::ranges::binary_search(sets_[static_cast<std::size_t>(n.extra)], v);
        }
        return false;
    }
    static void vote(Score& s, double weight, Aggregate aggregate) {
        if (aggregate == Aggregate::min) s.value = s.seen ? std::min(s.value, weight) : weight;
        else if (aggregate == Aggregate::max) s.value = s.seen ? std::max(s.value, weight) : weight;
        else s.value += weight;
        s.seen = true;
    }

    std::int64_t targetCount_;
    std::int64_t greatestFeature_ = -1;
    std::vector<std::int32_t> roots_;
    std::vector<Node> nodes_;
    std::vector<Weight> weights_;
    std::vector<std::vector<double>> sets_;
    bool uniform_ = true;
};

}  // namespace tenon::ml
