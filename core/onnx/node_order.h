// The order in which a graph's nodes can be imported.
#pragma once

#include <onnx/onnx_pb.h>

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tenon {

// Tensors that nested graphs may use from outside, counted at every graph that they cross.
constexpr std::size_t kMostCaptures = 1 << 20;

// Names that nested graphs use but do not define; kept for each graph, so that every graph is walked once.
class FreeNames {
public:
    using Names = std::set<std::string_view>;
    // Valid as long as the graph is. Throws Error beyond kMostCaptures.
    const Names& of(const onnx::GraphProto& graph);
    // Adds what the node and the graphs in it use.
    void collect(const onnx::NodeProto& node, Names& used);

private:
    std::unordered_map<const onnx::GraphProto*, Names> known_;
    std::size_t total_ = 0;
};

// Indices of the nodes, each after the producers of what it and its nested graphs use; otherwise in the order of the file. Nodes
// on a cycle, or after one, are left out and reported, as are tensors that are produced twice. O(nodes + inputs), log.
std::vector<int> nodeOrder(const onnx::GraphProto& graph, FreeNames& freeNames,
                           const std::function<void(int node, const std::string& what)>& problem);

}  // namespace tenon
