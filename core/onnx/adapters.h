// Old forms of operators, rewritten to the newest form: the only place in core that names operators.
#pragma once

#include <onnx/onnx_pb.h>
#include <tenon/tensor.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tenon {

// What an adapter may ask about a tensor of the graph; absent when it is not known before inference.
struct TensorFacts {
    std::optional<DataType> type;
    std::optional<int> rank;
    const TensorValue* constant = nullptr;
};
using FactsOf = std::function<TensorFacts(const std::string& name)>;

struct NewConstant {
    std::string name;
    TensorValue value;
};

// Nodes that replace one node, in order, and the constants they use. Throws Error when the form cannot be expressed.
struct Adapted {
    std::vector<onnx::NodeProto> nodes;
    std::vector<NewConstant> constants;
};
Adapted adapt(const onnx::NodeProto& node, std::int64_t opset, const FactsOf& facts);

// The value of a node that is nothing but a constant; nullopt for others. Throws Error for a malformed one.
std::optional<TensorValue> constantOf(const onnx::NodeProto& node);

}  // namespace tenon
