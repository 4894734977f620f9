// Nodes that stand for a function: the model's own functions, and the bodies that ONNX gives for operators.
#pragma once

#include <onnx/onnx_pb.h>
#include <tenon/tensor.h>

#include <map>
#include <optional>
#include <tuple>

namespace tenon {

using OpsetMap = std::map<std::string, std::int64_t>;                   // domain -> version
using FunctionKey = std::tuple<std::string, std::string, std::string>;  // domain, name, overload
FunctionKey keyOf(const onnx::FunctionProto& function);
FunctionKey keyOf(const onnx::NodeProto& call);

// What all inlined bodies of a model may add up to, so that functions that call functions cannot make much from little.
constexpr std::size_t kMostInlinedNodes = 1 << 17, kMostInlinedBytes = std::size_t{512} << 20;

class InlineBudget {
public:
    // Accounts for one more body, whose names get the prefix. Throws Error when it is too much, and from then on.
    void take(const onnx::FunctionProto& function, const std::string& prefix);

private:
    std::size_t nodesLeft_ = kMostInlinedNodes, bytesLeft_ = kMostInlinedBytes;
};

// The body of a call with names made unique and attribute references resolved.
struct InlinedBody {
    std::vector<onnx::NodeProto> nodes;
    OpsetMap opsets;  // the function's own
    std::vector<std::pair<std::string, std::string>>
        aliases;  // outputs of the call that are no node's own: (name of the call, tensor)
};
// `prefix` makes inner names unique. Throws Error when the call has more inputs or outputs than the function.
InlinedBody inlineFunction(const onnx::FunctionProto& function, const onnx::NodeProto& call, const std::string& prefix);

// A call with the attributes that it leaves to their defaults, and the body that ONNX's operator schemas give for it.
struct SchemaFunction {
    onnx::FunctionProto body;
    onnx::NodeProto call;
};
// For opsets that libonnx knows; `inputTypes` has 0 for what is unknown.
std::optional<SchemaFunction> schemaFunction(const onnx::NodeProto& node, std::int64_t opset,
                                             const std::vector<std::int32_t>& inputTypes);

}  // namespace tenon
