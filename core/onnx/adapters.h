// Old forms of operators, rewritten to the newest form: the only place in core that names operators.
#pragma once

#include <onnx/onnx_pb.h>
#include <tenon/tensor.h>

#include "tensor_proto.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tenon {

// What a model says about a tensor (and what is true of constants); absent when it says nothing.
struct TensorFacts {
    std::optional<DataType> type;
    std::optional<int> rank;
    const TensorValue* constant = nullptr;
};
// What an adapter may ask about a tensor of the graph.
struct FactSource {
    std::function<TensorFacts(const std::string& name)> declared;
    std::function<DataType(const std::string& name)> typeOf;  // asks plugins when the model says nothing; `undefined`: unknown
};

struct NewConstant {
    std::string name;
    TensorValue value;
};

// Whether a node of this opset has to be adapted.
bool isOldForm(const onnx::NodeProto& node, std::int64_t opset);

// Nodes that replace an old form, in order, and the constants they use. Throws Error when the form cannot be expressed.
struct Adapted {
    std::vector<onnx::NodeProto> nodes;
    std::vector<NewConstant> constants;
    int opsetVersion = 0;  // of the nodes, when an old form has an implementation of its own; 0: the newest form
};
Adapted adapt(const onnx::NodeProto& node, std::int64_t opset, const FactSource& facts);

// Whether the node is nothing but a constant.
bool isConstant(const onnx::NodeProto& node);
// The value of a node that is nothing but a constant; nullopt for others. Throws Error for a malformed one.
std::optional<TensorValue> constantOf(const onnx::NodeProto& node, const TensorSource& source);

}  // namespace tenon
