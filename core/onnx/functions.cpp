#include "functions.h"

#include <onnx/defs/schema.h>
#include <tenon/error.h>

#include <algorithm>

namespace tenon {

namespace {
// Replaces attribute references by the call's attributes, the function's defaults, or nothing.
void resolveAttributes(onnx::NodeProto& node, const std::map<std::string, const onnx::AttributeProto*>& given) {
    google::protobuf::RepeatedPtrField<onnx::AttributeProto> kept;
    for (const auto& a : node.attribute()) {
        if (a.ref_attr_name().empty()) {
            *kept.Add() = a;
            continue;
        }
        const auto found = given.find(a.ref_attr_name());
        if (found == given.end()) continue;
        auto* copy = kept.Add();
        *copy = *found->second;
        copy->set_name(a.name());
    }
    *node.mutable_attribute() = kept;
}
void addDefaults(const onnx::OpSchema& schema, onnx::NodeProto& node) {
    for (const auto& [name, attribute] : schema.attributes()) {
        const bool isGiven = std::any_of(node.attribute().begin(), node.attribute().end(), [&, n = name](const auto& a) { return a.name() == n; });
        if (!isGiven && attribute.default_value.has_name()) *node.add_attribute() = attribute.default_value;
    }
}
}  // namespace

InlinedBody inlineFunction(const onnx::FunctionProto& function, const onnx::NodeProto& call, const std::string& prefix) {
    if (call.input_size() > function.input_size() || call.output_size() > function.output_size())
        throw Error(ErrorCode::badInput, "function " + function.name() + " takes " + std::to_string(function.input_size()) + " inputs and gives " +
                                             std::to_string(function.output_size()) + " outputs; the call has more");
    std::map<std::string, std::string> names;
    for (int i = 0; i < function.input_size(); ++i) names[function.input(i)] = i < call.input_size() ? call.input(i) : "";
    for (int i = 0; i < function.output_size(); ++i) {
        const bool isWanted = i < call.output_size() && !call.output(i).empty();
        // an output that is also an input of the function keeps the input's name; the caller gets it by an identity below
        if (!names.contains(function.output(i))) names[function.output(i)] = isWanted ? call.output(i) : prefix + function.output(i);
    }
    const auto rename = [&](std::string* name) {
        if (name->empty()) return;
        const auto found = names.find(*name);
        *name = found != names.end() ? found->second : prefix + *name;
    };
    std::map<std::string, const onnx::AttributeProto*> given;
    for (const auto& a : call.attribute()) given[a.name()] = &a;
    InlinedBody body;
    for (const auto& inner : function.node()) {
        onnx::NodeProto node = inner;
        for (auto& in : *node.mutable_input()) rename(&in);
        for (auto& out : *node.mutable_output()) rename(&out);
        resolveAttributes(node, given);
        node.set_name(prefix + (inner.name().empty() ? inner.op_type() : inner.name()));
        body.nodes.push_back(std::move(node));
    }
    for (const auto& opset : function.opset_import()) body.opsets[opset.domain() == "ai.onnx" ? "" : opset.domain()] = opset.version();
    return body;
}

std::optional<onnx::FunctionProto> schemaFunction(onnx::NodeProto& node, std::int64_t opset, const std::vector<std::int32_t>& inputTypes) {
    const std::string domain = node.domain() == "ai.onnx" ? "" : node.domain();
    const onnx::OpSchema* schema = onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(opset), domain);
    if (schema == nullptr || !(schema->HasFunction() || schema->HasContextDependentFunction())) return std::nullopt;
    addDefaults(*schema, node);
    if (schema->HasFunction()) return *schema->GetFunction();
    std::vector<onnx::TypeProto> types(static_cast<std::size_t>(node.input_size()));
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (node.input(static_cast<int>(i)).empty()) continue;
        if (i >= inputTypes.size() || inputTypes[i] == 0) return std::nullopt;
        types[i].mutable_tensor_type()->set_elem_type(inputTypes[i]);
    }
    onnx::NodeProto copy = node;
    const onnx::FunctionBodyBuildContextImpl context(copy, types);
    onnx::FunctionProto function;
    if (!schema->BuildContextDependentFunction(context, function)) return std::nullopt;
    return function;
}

}  // namespace tenon
