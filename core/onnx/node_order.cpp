#include "node_order.h"

#include <tenon/error.h>

#include <algorithm>
#include <queue>

#include "names.h"

namespace tenon {

using Names = FreeNames::Names;

void FreeNames::collect(const onnx::NodeProto& node, Names& used) {
    for (const auto& in : node.input())
        if (!in.empty()) used.insert(in);
    const auto add = [&](const onnx::GraphProto& graph) {
        const Names& names = of(graph);
        used.insert(names.begin(), names.end());
    };
    for (const auto& a : node.attribute()) {
        if (a.has_g()) add(a.g());
        for (const auto& g : a.graphs())
            add(g);
    }
}

const Names& FreeNames::of(const onnx::GraphProto& graph) {
    if (const auto found = known_.find(&graph); found != known_.end()) return found->second;
    Names used, defined, names;
    for (const auto& in : graph.input())
        defined.insert(in.name());
    for (const auto& t : graph.initializer())
        defined.insert(t.name());
    for (const auto& t : graph.sparse_initializer())
        defined.insert(t.values().name());
    for (const auto& out : graph.output())
        used.insert(out.name());
    for (const auto& node : graph.node()) {
        collect(node, used);
        for (const auto& out : node.output())
            defined.insert(out);
    }
    std::set_difference(used.begin(), used.end(), defined.begin(), defined.end(), std::inserter(names, names.end()));
    total_ += names.size();
    if (total_ > kMostCaptures)
        throw Error(ErrorCode::badInput,
                    "nested graphs use more than " + std::to_string(kMostCaptures) + " tensors of the graphs around them");
    return known_[&graph] = std::move(names);
}

namespace {
class Sorter {
public:
    Sorter(const onnx::GraphProto& graph, FreeNames& freeNames)
        : graph_(graph),
          freeNames_(freeNames),
          missing_(static_cast<std::size_t>(graph.node_size())),
          consumers_(missing_.size()) {}

    // Inputs and initializers are there before any node; a node that produces one of them all the same is reported when it is
    // imported.
    void findGiven() {
        for (const auto& in : graph_.input())
            given_.insert(in.name());
        for (const auto& t : graph_.initializer())
            given_.insert(t.name());
        for (const auto& t : graph_.sparse_initializer())
            given_.insert(t.values().name());
    }

    void findProducers(const std::function<void(int, const std::string&)>& problem) {
        for (int i = 0; i < graph_.node_size(); ++i)
            for (const auto& out : graph_.node(i).output())
                if (!out.empty() && !producer_.try_emplace(out, i).second)
                    problem(i, "tensor " + shownName(out) + " is produced twice, first by " +
                                   describe(graph_.node(producer_[out]), producer_[out]));
    }

    void findConsumers() {
        for (int i = 0; i < graph_.node_size(); ++i) {
            Names used;
            freeNames_.collect(graph_.node(i), used);
            std::set<int> producers;
            for (const std::string_view name : used)
                if (const auto p = producer_.find(name); p != producer_.end() && !given_.contains(name))
                    producers.insert(p->second);
            missing_[static_cast<std::size_t>(i)] = producers.size();
            for (const int p : producers)
                consumers_[static_cast<std::size_t>(p)].push_back(i);
        }
    }

    // Kahn's algorithm; among nodes that are ready, the first of the file comes first.
    std::vector<int> order() {
        std::priority_queue<int, std::vector<int>, std::greater<>> ready;
        for (int i = 0; i < graph_.node_size(); ++i)
            if (missing_[static_cast<std::size_t>(i)] == 0) ready.push(i);
        std::vector<int> sorted;
        while (!ready.empty()) {
            sorted.push_back(ready.top());
            ready.pop();
            for (const int c : consumers_[static_cast<std::size_t>(sorted.back())])
                if (--missing_[static_cast<std::size_t>(c)] == 0) ready.push(c);
        }
        return sorted;
    }

    // One cycle among the nodes that could not be ordered: follow unordered producers until a node comes again.
    std::string cycle(int& first) const {
        std::unordered_map<int, int> producerOf;
        for (std::size_t p = 0; p < consumers_.size(); ++p)
            for (const int c : consumers_[p])
                if (missing_[p] > 0 && missing_[static_cast<std::size_t>(c)] > 0) producerOf[c] = static_cast<int>(p);
        std::set<int> seen;
        first = producerOf.begin()->first;
        while (seen.insert(first).second)
            first = producerOf.at(first);
        std::string text = "uses its own output";
        constexpr int kShown = 5;
        int shown = 0;
        for (int n = producerOf.at(first); n != first && shown < kShown; n = producerOf.at(n), ++shown)
            text += (shown == 0 ? " through " : ", ") + describe(graph_.node(n), n);
        return text + (shown == kShown ? ", ..." : "");
    }

private:
    const onnx::GraphProto& graph_;
    FreeNames& freeNames_;
    Names given_;
    std::unordered_map<std::string_view, int> producer_;
    std::vector<std::size_t> missing_;  // producers that are not ordered yet
    std::vector<std::vector<int>> consumers_;
};
}  // namespace

std::vector<int> nodeOrder(const onnx::GraphProto& graph, FreeNames& freeNames,
                           const std::function<void(int, const std::string&)>& problem) {
    Sorter sorter(graph, freeNames);
    sorter.findGiven();
    sorter.findProducers(problem);
    sorter.findConsumers();
    std::vector<int> order = sorter.order();
    if (order.size() < static_cast<std::size_t>(graph.node_size())) {
        int first = 0;
        const std::string text = sorter.cycle(first);
        problem(first, text);
    }
    return order;
}

}  // namespace tenon
