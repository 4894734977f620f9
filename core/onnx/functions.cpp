#include "functions.h"

#include <onnx/defs/schema.h>
#include <tenon/error.h>

#include <algorithm>
#include <deque>

#include "names.h"

namespace tenon {

namespace {
constexpr int kDefaultAttribute = 11;  // field attribute_proto of FunctionProto: newer than libonnx's classes
constexpr int kFunctionOverload = 13, kNodeOverload = 8;

// Gives inner names of one call their outer ones, in nested graphs too.
class Renamer {
public:
    Renamer(const onnx::FunctionProto& function, const onnx::NodeProto& call, const std::string& prefix) : prefix_(prefix) {
        for (const auto& a : call.attribute())
            attributes_[a.name()] = &a;
        addDefaults(function);
    }
    std::map<std::string, std::string> names;  // of the function's inputs and outputs

    void node(onnx::NodeProto& n) const {
        for (auto& in : *n.mutable_input())
            name(&in);
        for (auto& out : *n.mutable_output())
            name(&out);
        n.set_name(prefix_ + (n.name().empty() ? n.op_type() : n.name()));
        google::protobuf::RepeatedPtrField<onnx::AttributeProto> kept;
        for (auto& a : *n.mutable_attribute())
            attribute(a, kept);
        n.mutable_attribute()->Swap(&kept);
    }

private:
    void name(std::string* text) const {
        if (text->empty()) return;
        const auto found = names.find(*text);
        *text = found != names.end() ? found->second : prefix_ + *text;
    }

    // References become the call's attributes, the function's defaults, or nothing.
    void attribute(onnx::AttributeProto& a, google::protobuf::RepeatedPtrField<onnx::AttributeProto>& kept) const {
        if (a.ref_attr_name().empty()) {
            if (a.has_g()) graph(*a.mutable_g());
            for (auto& g : *a.mutable_graphs())
                graph(g);
            kept.Add()->Swap(&a);
            return;
        }
        const auto found = attributes_.find(a.ref_attr_name());
        if (found == attributes_.end()) return;
        auto* copy = kept.Add();
        *copy = *found->second;
        copy->set_name(a.name());
    }

    void graph(onnx::GraphProto& g) const {
        for (auto* list : {g.mutable_input(), g.mutable_output(), g.mutable_value_info()})
            for (auto& v : *list)
                name(v.mutable_name());
        for (auto& t : *g.mutable_initializer())
            name(t.mutable_name());
        for (auto& t : *g.mutable_sparse_initializer())
            name(t.mutable_values()->mutable_name());
        for (auto& n : *g.mutable_node())
            node(n);
    }

    void addDefaults(const onnx::FunctionProto& function) {
        const auto& unknown = function.GetReflection()->GetUnknownFields(function);
        for (int i = 0; i < unknown.field_count(); ++i) {
            const auto& field = unknown.field(i);
            if (field.number() != kDefaultAttribute || field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
                continue;
            onnx::AttributeProto& a = defaults_.emplace_back();
            if (!a.ParseFromString(field.length_delimited()))
                throw Error(ErrorCode::badInput, "function " + shownName(function.name()) + " has a damaged attribute");
            attributes_.try_emplace(a.name(), &a);
        }
    }

    const std::string& prefix_;
    std::map<std::string, const onnx::AttributeProto*> attributes_;
    std::deque<onnx::AttributeProto> defaults_;
};
}  // namespace

FunctionKey keyOf(const onnx::FunctionProto& function) {
    return {domainOf(function.domain()), function.name(), newerString(function, kFunctionOverload)};
}
FunctionKey keyOf(const onnx::NodeProto& call) {
    return {domainOf(call.domain()), call.op_type(), newerString(call, kNodeOverload)};
}

namespace {
struct BodySize {
    std::size_t nodes = 0, names = 0;

    void add(const onnx::NodeProto& node) {
        ++nodes;
        names += static_cast<std::size_t>(node.input_size() + node.output_size() + 1);
        for (const auto& a : node.attribute()) {
            if (a.has_g()) add(a.g());
            for (const auto& g : a.graphs())
                add(g);
        }
    }
    void add(const onnx::GraphProto& graph) {
        names += static_cast<std::size_t>(graph.input_size() + graph.output_size() + graph.value_info_size() +
                                          graph.initializer_size() + graph.sparse_initializer_size());
        for (const auto& node : graph.node())
            add(node);
    }
};
}  // namespace

void InlineBudget::take(const onnx::FunctionProto& function, const std::string& prefix) {
    BodySize size;
    std::size_t bytes = 0;
    if (bytesLeft_ > 0) {
        for (const auto& node : function.node())
            size.add(node);
        constexpr std::size_t kCopies = 4;  // of a name: in the body, its tensor, its layer, the importer's tables
        bytes = function.ByteSizeLong() + kCopies * size.names * prefix.size();
    }
    if (bytesLeft_ > bytes && nodesLeft_ >= size.nodes) {
        bytesLeft_ -= bytes;
        nodesLeft_ -= size.nodes;
        return;
    }
    bytesLeft_ = 0;
    throw Error(ErrorCode::badInput, "the bodies of functions add up to more than " + std::to_string(kMostInlinedNodes) +
                                         " nodes or " + std::to_string(kMostInlinedBytes >> 20) + " MiB");
}

InlinedBody inlineFunction(const onnx::FunctionProto& function, const onnx::NodeProto& call, const std::string& prefix) {
    if (call.input_size() > function.input_size() || call.output_size() > function.output_size())
        throw Error(ErrorCode::badInput, "function " + shownName(function.name()) + " takes " +
                                             std::to_string(function.input_size()) + " inputs and gives " +
                                             std::to_string(function.output_size()) + " outputs; the call has " +
                                             std::to_string(call.input_size()) + " and " + std::to_string(call.output_size()));
    Renamer renamer(function, call, prefix);
    auto& names = renamer.names;
    for (int i = 0; i < function.input_size(); ++i)
        names[function.input(i)] = i < call.input_size() ? call.input(i) : "";
    InlinedBody body;
    for (int i = 0; i < function.output_size(); ++i) {
        const bool isWanted = i < call.output_size() && !call.output(i).empty();
        const auto [entry, isNew] =
            names.try_emplace(function.output(i), isWanted ? call.output(i) : prefix + function.output(i));
        if (!isNew && isWanted) body.aliases.emplace_back(call.output(i), entry->second);
    }
    for (const auto& inner : function.node())
        renamer.node(body.nodes.emplace_back(inner));
    for (const auto& opset : function.opset_import()) {
        if (opset.version() < 1 || opset.version() > INT32_MAX)
            throw Error(ErrorCode::badInput, "function " + shownName(function.name()) + " imports version " +
                                                 std::to_string(opset.version()) + " of domain " + shownName(opset.domain()) +
                                                 ", which does not exist");
        body.opsets[domainOf(opset.domain())] = opset.version();
    }
    return body;
}

std::optional<SchemaFunction> schemaFunction(const onnx::NodeProto& node, std::int64_t opset,
                                             const std::vector<std::int32_t>& inputTypes) {
    const onnx::OpSchema* schema =
        onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(opset), domainOf(node.domain()));
    if (schema == nullptr || (!schema->HasFunction() && !schema->HasContextDependentFunction())) return std::nullopt;
    SchemaFunction function{{}, node};
    for (const auto& [name, attribute] : schema->attributes()) {
        const bool isGiven =
            std::any_of(node.attribute().begin(), node.attribute().end(), [n = name](const auto& a) { return a.name() == n; });
        if (!isGiven && attribute.default_value.has_type()) *function.call.add_attribute() = attribute.default_value;
    }
    if (schema->HasFunction()) {
        function.body = *schema->GetFunction();
        return function;
    }
    std::vector<onnx::TypeProto> types(static_cast<std::size_t>(node.input_size()));
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (node.input(static_cast<int>(i)).empty()) continue;
        if (i >= inputTypes.size() || inputTypes[i] == 0) return std::nullopt;
        types[i].mutable_tensor_type()->set_elem_type(inputTypes[i]);
    }
    const onnx::FunctionBodyBuildContextImpl context(function.call, types);
    if (!schema->BuildContextDependentFunction(context, function.body)) return std::nullopt;
    return function;
}

}  // namespace tenon
