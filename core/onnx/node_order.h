// The order in which a graph's nodes can be imported.
#pragma once

#include <onnx/onnx_pb.h>

#include <functional>
#include <string>
#include <vector>

namespace tenon {

// Indices of the nodes, each after the producers of what it and its nested graphs use; otherwise in the order of the file. Nodes
// on a cycle, or after one, are left out and reported, as are tensors that are produced twice. O(nodes + inputs), log.
std::vector<int> nodeOrder(const onnx::GraphProto& graph, const std::function<void(int node, const std::string& what)>& problem);

}  // namespace tenon
