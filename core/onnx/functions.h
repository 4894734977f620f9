// Nodes that stand for a function: the model's own functions, and the bodies that ONNX gives for operators.
#pragma once

#include <onnx/onnx_pb.h>
#include <tenon/tensor.h>

#include <map>
#include <optional>

namespace tenon {

using OpsetMap = std::map<std::string, std::int64_t>;  // domain -> version

// The body of a call with names made unique and attribute references resolved.
struct InlinedBody {
    std::vector<onnx::NodeProto> nodes;
    OpsetMap opsets;
};
// `prefix` makes inner names unique. Throws Error when the call has more inputs or outputs than the function.
InlinedBody inlineFunction(const onnx::FunctionProto& function, const onnx::NodeProto& call, const std::string& prefix);

// The function body that ONNX's operator schemas give, for opsets that libonnx knows; `inputTypes` has 0 for what is unknown. The node
// is given the schema's default attributes, which the body may refer to.
std::optional<onnx::FunctionProto> schemaFunction(onnx::NodeProto& node, std::int64_t opset, const std::vector<std::int32_t>& inputTypes);

}  // namespace tenon
