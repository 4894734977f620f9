// Nodes of a graph: adapted, inlined or made layers.
#include <tenon/error.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "graph_importer.h"
#include "names.h"

namespace tenon {

namespace {
constexpr std::size_t kMostInlineDepth = 64;  // functions inside functions
}  // namespace

// A node that cannot be used is reported; its outputs exist all the same, so that its users are not reported as well.
void GraphImporter::importChecked(const onnx::NodeProto& node, const OpsetMap& opsets, const std::string& where) {
    try {
        importNode(node, opsets, where);
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& e) {  // also what libonnx throws for malformed nodes
        problem(where, e.what());
        for (const auto& out : node.output())
            if (!out.empty() && !names_.contains(out)) names_[out] = graph_.addTensor(out);
    }
}

void GraphImporter::importNode(const onnx::NodeProto& node, const OpsetMap& opsets, const std::string& where) {
    checkNode(node);
    const std::string domain = domainOf(node.domain());
    const auto opset = opsets.find(domain);
    if (domain.empty() && opset == opsets.end())
        throw Error(ErrorCode::badInput, "the model imports no version of the operators of ai.onnx");
    const std::int64_t version = opset == opsets.end() ? 1 : opset->second;  // exporters forget to import domains of their own
    if (!domain.empty() || context_.functions.contains(keyOf(node))) {
        if (tryFunction(node, opsets, version, where)) return;
        if (!domain.empty()) return addLayer(node, opsets, where);
    }
    if (const auto constant = constantOf(node, context_.source)) {
        if (node.output_size() != 1) throw Error(ErrorCode::badInput, "a constant has one output");
        bindName(node.output(0), graph_.addConstant(node.output(0), *constant));
        return;
    }
    if (isOldForm(node, version)) adaptNode(node, opsets, version, where);
    else if (!tryFunction(node, opsets, version, where)) addLayer(node, opsets, where);
}

namespace {
// While nodes are imported that do not lie in the model itself: their data is copied.
class ElsewhereScope {
public:
    explicit ElsewhereScope(ImportContext& context)
        : context_(context),
          owner_(std::exchange(context.source.owner, nullptr)),
          freeNames_(std::exchange(context.freeNames, FreeNames())) {}
    ElsewhereScope(const ElsewhereScope&) = delete;
    ElsewhereScope& operator=(const ElsewhereScope&) = delete;
    ~ElsewhereScope() {
        context_.source.owner = std::move(owner_);
        context_.freeNames = std::move(freeNames_);
    }

private:
    ImportContext& context_;
    std::shared_ptr<const void> owner_;
    FreeNames freeNames_;
};
}  // namespace

void GraphImporter::adaptNode(const onnx::NodeProto& node, const OpsetMap& opsets, std::int64_t version,
                              const std::string& where) {
    const FactSource facts{[&](const std::string& name) { return factsOf(name); },
                           [&](const std::string& name) { return typeOf(name); }};
    const Adapted adapted = adapt(node, version, facts);
    const ElsewhereScope elsewhere(context_);
    for (const auto& [name, value] : adapted.constants)
        bindName(name, graph_.addConstant(name, value));
    for (const auto& n : adapted.nodes)
        if (!tryFunction(n, opsets, version, where)) addLayer(n, opsets, where, adapted.opsetVersion);
}

// Inlines the node when it calls a function and no library implements it.
bool GraphImporter::tryFunction(const onnx::NodeProto& node, const OpsetMap& opsets, std::int64_t opset,
                                const std::string& where) {
    if (!context_.registry.find(domainOf(node.domain()), node.op_type()).empty()) return false;
    if (const auto local = context_.functions.find(keyOf(node)); local != context_.functions.end()) {
        inlineCall(*local->second, node, opsets, where);
        return true;
    }
    std::vector<std::int32_t> types;
    for (const auto& in : node.input())
        types.push_back(in.empty() ? 0 : static_cast<std::int32_t>(typeOf(in)));
    const auto function = schemaFunction(node, opset, types);
    if (function) inlineCall(function->body, function->call, opsets, where);
    return function.has_value();
}

void GraphImporter::inlineCall(const onnx::FunctionProto& function, const onnx::NodeProto& call, const OpsetMap& opsets,
                               const std::string& where) {
    auto& calls = context_.calls;
    if (std::find(calls.begin(), calls.end(), keyOf(call)) != calls.end())
        throw Error(ErrorCode::badInput, "function " + shownName(call.op_type()) + " calls itself");
    if (calls.size() >= kMostInlineDepth)
        throw Error(ErrorCode::badInput, "functions call each other more than " + std::to_string(kMostInlineDepth) + " deep");
    const std::string base = call.output_size() > 0 && !call.output(0).empty() ? call.output(0) : call.name();
    const std::string prefix = base + "/" + call.op_type() + "/";
    context_.inlining.take(function, prefix);
    const InlinedBody body = inlineFunction(function, call, prefix);
    const ElsewhereScope elsewhere(context_);
    OpsetMap inner = body.opsets;
    inner.insert(opsets.begin(), opsets.end());  // what the function does not import itself
    calls.push_back(keyOf(call));
    for (int i = 0; i < function.node_size(); ++i)
        importChecked(body.nodes[static_cast<std::size_t>(i)], inner,
                      describe(function.node(i), i) + " of function " + shownName(call.op_type()) + " called by " +
                          where.substr(0, where.find(" of function ")));
    calls.pop_back();
    for (const auto& [name, tensor] : body.aliases)
        bindName(name, tensorOf(tensor));
}

void GraphImporter::addLayer(const onnx::NodeProto& node, const OpsetMap& opsets, const std::string& where, int opsetVersion) {
    const auto depth = static_cast<std::size_t>(depth_);
    context_.nestedWork += depth * depth;
    if (context_.nestedWork > kMostNestedWork) throw Error(ErrorCode::badInput, "too many nodes lie in deeply nested graphs");
    Layer layer = layerOf(node, opsets, where);
    layer.opsetVersion = opsetVersion;
    if (const auto opset = opsets.find(layer.domain); !layer.domain.empty() && opset != opsets.end())
        layer.opsetVersion = static_cast<int>(std::clamp<std::int64_t>(opset->second, 0, INT_MAX));
    for (const auto& out : node.output()) {
        if (!out.empty()) bindName(out, graph_.addTensor(out));
        layer.outputs.push_back(out.empty() ? -1 : static_cast<int>(graph_.tensors.size()) - 1);
    }
    while (!layer.outputs.empty() && layer.outputs.back() < 0)
        layer.outputs.pop_back();
    if (layer.outputs.empty()) return;  // nobody can see what it does
    if (context_.registry.find(layer.domain, layer.op).empty()) reportMissing(layer);
    graph_.addLayer(std::move(layer));
}

void GraphImporter::reportMissing(const Layer& layer) {
    context_.isMissingOperators = true;
    const bool isFirst = context_.missing.insert(layer.qualifiedName()).second && !context_.problems.isFull();
    context_.problems.add(isFirst ? explainMissing(context_.registry, layer, {})
                                  : layer.source + ": no implementation of " + layer.qualifiedName());
}

Layer GraphImporter::layerOf(const onnx::NodeProto& node, const OpsetMap& opsets, const std::string& where) {
    Layer layer;
    layer.domain = domainOf(node.domain());
    layer.op = node.op_type();
    layer.name = !node.name().empty()                                ? node.name()
                 : node.output_size() > 0 && !node.output(0).empty() ? node.output(0)
                                                                     : node.op_type();
    layer.source = where + parent_;
    for (const auto& in : node.input())
        layer.inputs.push_back(in.empty() ? -1 : tensorOf(in));
    while (!layer.inputs.empty() && layer.inputs.back() < 0)
        layer.inputs.pop_back();
    addAttributes(node, opsets, layer);
    // As TensorRT's parser does: an operator unknown in its domain is looked for with the domain as plugin namespace, then
    // without.
    if (layer.domain.empty() || !layer.pluginNamespace.empty() || !context_.registry.find(layer.domain, layer.op).empty())
        return layer;
    const auto others = context_.registry.find("", layer.op);
    if (std::any_of(others.begin(), others.end(), [&](const CreatorRecord* c) { return c->pluginNamespace == layer.domain; }))
        layer.pluginNamespace = std::exchange(layer.domain, "");
    else if (!others.empty() && !context_.registry.knowsDomain(layer.domain)) layer.domain.clear();  // TensorRT has no domains
    return layer;
}

// In the order of their names, as the layer keeps them: tensors that nested graphs capture follow in that order, too.
void GraphImporter::addAttributes(const onnx::NodeProto& node, const OpsetMap& opsets, Layer& layer) {
    std::vector<const onnx::AttributeProto*> sorted;
    for (const auto& a : node.attribute())
        sorted.push_back(&a);
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->name() < b->name(); });
    for (const auto* attribute : sorted) {
        const auto& a = *attribute;
        if (a.name() == "plugin_version") layer.pluginVersion = a.s();
        else if (a.name() == "plugin_namespace") layer.pluginNamespace = a.s();
        else if (a.name() != "tensorrt_plugin_shape_input_indices") {
            try {
                layer.attributes.emplace(a.name(), attributeOf(a, opsets, layer));
            } catch (const Error& e) {
                throw Error(e.code(), "attribute " + shownName(a.name()) + ": " + e.what());
            }
        }
    }
}

namespace {
// The first IR versions had no `type`: the field that is set tells.
onnx::AttributeProto::AttributeType kindOf(const onnx::AttributeProto& a) {
    using A = onnx::AttributeProto;
    if (a.type() != A::UNDEFINED) return a.type();
    if (a.has_f()) return A::FLOAT;
    if (a.has_i()) return A::INT;
    if (a.has_s()) return A::STRING;
    if (a.has_t()) return A::TENSOR;
    if (a.has_g()) return A::GRAPH;
    if (a.has_tp()) return A::TYPE_PROTO;
    if (a.floats_size() > 0) return A::FLOATS;
    if (a.ints_size() > 0) return A::INTS;
    if (a.strings_size() > 0) return A::STRINGS;
    if (a.tensors_size() > 0) return A::TENSORS;
    return a.graphs_size() > 0 ? A::GRAPHS : A::UNDEFINED;
}
}  // namespace

Attribute GraphImporter::attributeOf(const onnx::AttributeProto& a, const OpsetMap& opsets, Layer& layer) {
    using A = onnx::AttributeProto;
    switch (kindOf(a)) {
        case A::FLOAT: return a.f();
        case A::INT: return std::int64_t{a.i()};
        case A::STRING: return a.s();
        case A::FLOATS: return std::vector<float>(a.floats().begin(), a.floats().end());
        case A::INTS: return std::vector<std::int64_t>(a.ints().begin(), a.ints().end());
        case A::STRINGS: return std::vector<std::string>(a.strings().begin(), a.strings().end());
        case A::TENSOR: return fromProto(a.t(), context_.source);
        case A::SPARSE_TENSOR: return fromSparseProto(a.sparse_tensor(), context_.source);
        case A::TYPE_PROTO: return static_cast<std::int64_t>(dataTypeOf(a.tp(), "the type"));
        case A::GRAPH: return nestedGraph(a.g(), opsets, layer);
        case A::TENSORS: {
            std::vector<TensorValue> v;
            for (const auto& t : a.tensors())
                v.push_back(fromProto(t, context_.source));
            return v;
        }
        case A::GRAPHS: {
            std::vector<std::shared_ptr<Graph>> v;
            for (const auto& g : a.graphs())
                v.push_back(nestedGraph(g, opsets, layer));
            return v;
        }
        default: throw Error(ErrorCode::unsupported, "ONNX attribute type " + std::to_string(a.type()) + " is not supported");
    }
}

// The outer tensors that the graph uses follow its formal inputs, and follow the layer's own inputs.
std::shared_ptr<Graph> GraphImporter::nestedGraph(const onnx::GraphProto& proto, const OpsetMap& opsets, Layer& layer) {
    auto nested = std::make_shared<Graph>();
    const std::string node = layer.source.substr(0, layer.source.find(" in graph "));
    GraphImporter importer(context_, *nested, this, depth_ + 1, " in graph " + shownName(proto.name()) + " of " + node);
    importer.import(proto, opsets);
    nested->capturedCount = static_cast<int>(importer.captured().size());
    for (const std::string& name : importer.captured())
        layer.inputs.push_back(tensorOf(name));
    return nested;
}

}  // namespace tenon
