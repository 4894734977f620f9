// Names in messages and checks of them.
#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <string_view>

namespace tenon {

// "ai.onnx" and "" are the same domain.
std::string domainOf(const std::string& domain);
bool isUtf8(std::string_view text);
// 'name', shortened when very long, with \xNN for bytes that cannot be printed.
std::string shownName(std::string_view name);
// "node 12 'conv1' (Conv)".
std::string describe(const onnx::NodeProto& node, int index);
// Throws Error when the node has no operator, a name is not UTF-8, or an attribute comes twice or refers to one of a function.
void checkNode(const onnx::NodeProto& node);
// Strings that ONNX added after libonnx's protobuf classes were made: the field of that number, "" when absent.
std::string newerString(const google::protobuf::Message& message, int field);

}  // namespace tenon
