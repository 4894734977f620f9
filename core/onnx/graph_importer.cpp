#include "graph_importer.h"

#include <tenon/error.h>

#include <algorithm>
#include <deque>

namespace tenon {

namespace {
constexpr int kMostDepth = 150;        // graphs inside graphs
constexpr int kMostInlineDepth = 64;   // functions inside functions
constexpr int kMostInlined = 1000000;  // nodes that function bodies may add up to

std::string domainOf(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

std::string describe(const onnx::NodeProto& node, int index) {
    return "node " + std::to_string(index) + (node.name().empty() ? "" : " '" + node.name() + "'") + " (" + (domainOf(node.domain()).empty() ? "" : node.domain() + "::") + node.op_type() + ")";
}
}  // namespace

void GraphImporter::import(const onnx::GraphProto& proto, const OpsetMap& opsets) {
    if (depth_ > kMostDepth) {
        problem("graph '" + proto.name() + "'", "more than " + std::to_string(kMostDepth) + " graphs are nested");
        return;
    }
    graph_.name = proto.name();
    addInitializers(proto);
    addInputs(proto);
    noteTypes(proto);
    int index = 0;
    for (const onnx::NodeProto* node : sorted(proto)) {
        const std::string where = describe(*node, index++);
        try {
            importNode(*node, opsets, 0, where);
        } catch (const Error& e) {
            problem(where, e.what());
        }
    }
    addOutputs(proto);
}

void GraphImporter::addInitializers(const onnx::GraphProto& proto) {
    for (const auto& t : proto.initializer()) {
        try {
            bindName(t.name(), graph_.addConstant(t.name(), fromProto(t, context_.source)), "initializer");
        } catch (const Error& e) {
            problem("initializer", e.what());
        }
    }
    for (const auto& t : proto.sparse_initializer()) {
        try {
            bindName(t.values().name(), graph_.addConstant(t.values().name(), fromSparseProto(t, context_.source)), "sparse initializer");
        } catch (const Error& e) {
            problem("sparse initializer", e.what());
        }
    }
}

void GraphImporter::addInputs(const onnx::GraphProto& proto) {
    for (const auto& in : proto.input()) {
        if (names_.contains(in.name())) continue;  // has an initializer: a constant
        const std::string where = "input '" + in.name() + "'";
        if (!in.type().has_tensor_type() && depth_ == 0) {
            problem(where, "is not a tensor; sequences, optionals and maps are not supported");
            continue;
        }
        const auto& type = in.type().tensor_type();
        try {
            const DataType dataType = depth_ > 0 && type.elem_type() == 0 ? DataType::undefined : dataTypeOf(type.elem_type(), where);
            const int id = graph_.addTensor(in.name(), dataType);
            graph_.inputs.push_back(id);
            bindName(in.name(), id, where);
            if (!type.has_shape()) continue;
            SymbolicShape& shape = graph_.tensors.back().shape;
            if (type.shape().dim_size() > abi::kMaxRank) throw Error(ErrorCode::unsupported, "more than 16 dimensions");
            shape.rank = type.shape().dim_size();
            for (int i = 0; i < shape.rank; ++i) {
                const auto& d = type.shape().dim(i);
                if (d.has_dim_value() && d.dim_value() < -1) throw Error(ErrorCode::badInput, "dimension " + std::to_string(i) + " is " + std::to_string(d.dim_value()));
                const bool isNumber = d.has_dim_value() && d.dim_value() >= 0;
                if (isNumber) shape.dims.push_back(graph_.expressions->constant(d.dim_value()));
                else if (!d.dim_param().empty()) shape.dims.push_back(graph_.expressions->symbol(d.dim_param()));
                else shape.dims.push_back(graph_.expressions->fresh(in.name() + "." + std::to_string(i)));
            }
        } catch (const Error& e) {
            problem(where, e.what());
        }
    }
}

// What value_info says is a hint for the adapters; shapes come from the plugins.
void GraphImporter::noteTypes(const onnx::GraphProto& proto) {
    for (const auto* list : {&proto.input(), &proto.value_info(), &proto.output()})
        for (const auto& v : *list) {
            if (!v.type().has_tensor_type()) continue;
            TensorFacts& f = facts_[v.name()];
            const auto& type = v.type().tensor_type();
            if (type.elem_type() > 0 && type.elem_type() < abi::kDataTypeCount) f.type = static_cast<DataType>(type.elem_type());
            if (type.has_shape()) f.rank = type.shape().dim_size();
        }
}

TensorFacts GraphImporter::factsOf(const std::string& name) const {
    if (const auto id = names_.find(name); id != names_.end())
        if (const auto& constant = graph_.tensors[static_cast<std::size_t>(id->second)].constant)
            return {constant->type, static_cast<int>(constant->dims.size()), &*constant};
    if (const auto found = facts_.find(name); found != facts_.end()) return found->second;
    return outer_ != nullptr ? outer_->factsOf(name) : TensorFacts{};
}

bool GraphImporter::isVisible(const std::string& name) const {
    return names_.contains(name) || (outer_ != nullptr && outer_->isVisible(name));
}

// Kahn's algorithm, stable: nodes in the order of the file as far as their inputs allow.
std::vector<const onnx::NodeProto*> GraphImporter::sorted(const onnx::GraphProto& proto) {
    std::map<std::string, int> producer;
    for (int i = 0; i < proto.node_size(); ++i)
        for (const auto& out : proto.node(i).output())
            if (!out.empty() && !producer.try_emplace(out, i).second) problem(describe(proto.node(i), i), "tensor '" + out + "' is produced twice");
    std::vector<int> missing(static_cast<std::size_t>(proto.node_size()));
    std::vector<std::vector<int>> consumers(static_cast<std::size_t>(proto.node_size()));
    for (int i = 0; i < proto.node_size(); ++i) {
        std::set<int> producers;
        for (const auto& in : proto.node(i).input()) {
            if (in.empty() || names_.contains(in)) continue;
            if (const auto p = producer.find(in); p != producer.end()) producers.insert(p->second);
        }
        missing[static_cast<std::size_t>(i)] = static_cast<int>(producers.size());
        for (const int p : producers) consumers[static_cast<std::size_t>(p)].push_back(i);
    }
    std::set<int> ready;
    for (int i = 0; i < proto.node_size(); ++i)
        if (missing[static_cast<std::size_t>(i)] == 0) ready.insert(i);
    std::vector<const onnx::NodeProto*> order;
    while (!ready.empty()) {
        const int i = *ready.begin();
        ready.erase(ready.begin());
        order.push_back(&proto.node(i));
        for (const int c : consumers[static_cast<std::size_t>(i)])
            if (--missing[static_cast<std::size_t>(c)] == 0) ready.insert(c);
    }
    for (int i = 0; i < proto.node_size(); ++i)
        if (missing[static_cast<std::size_t>(i)] > 0) {
            problem(describe(proto.node(i), i), "is part of a cycle, or follows one");
            break;
        }
    return order;
}

void GraphImporter::importNode(const onnx::NodeProto& node, const OpsetMap& opsets, int inlineDepth, const std::string& where) {
    if (node.op_type().empty()) throw Error(ErrorCode::badInput, "the node has no operator");
    const auto opset = opsets.find(domainOf(node.domain()));
    const std::int64_t version = opset == opsets.end() ? 0 : opset->second;
    if (!domainOf(node.domain()).empty()) {
        if (!tryFunction(node, opsets, version, inlineDepth, where)) addLayer(node, version, opsets, where);
        return;
    }
    if (const auto constant = constantOf(node)) {
        if (node.output_size() != 1) throw Error(ErrorCode::badInput, "a constant has one output");
        bindName(node.output(0), graph_.addConstant(node.output(0), *constant), where);
        return;
    }
    const Adapted adapted = adapt(node, version, [&](const std::string& name) { return factsOf(name); });
    for (const auto& [name, value] : adapted.constants) bindName(name, graph_.addConstant(name, value), where);
    for (const auto& n : adapted.nodes)
        if (!tryFunction(n, opsets, version, inlineDepth, where)) addLayer(n, version, opsets, where);
}

// Inlines the node when it calls a function and no library implements it.
bool GraphImporter::tryFunction(const onnx::NodeProto& node, const OpsetMap& opsets, std::int64_t opset, int inlineDepth, const std::string& where) {
    if (!context_.registry.find(domainOf(node.domain()), node.op_type()).empty()) return false;
    onnx::NodeProto call = node;
    std::optional<onnx::FunctionProto> body;
    const auto local = context_.functions.find({domainOf(node.domain()), node.op_type()});
    if (local != context_.functions.end()) body = *local->second;
    else {
        std::vector<std::int32_t> types;
        for (const auto& in : node.input()) types.push_back(static_cast<std::int32_t>(factsOf(in).type.value_or(DataType::undefined)));
        body = schemaFunction(call, opset, types);
    }
    if (!body) return false;
    if (inlineDepth >= kMostInlineDepth) throw Error(ErrorCode::badInput, "functions call each other more than " + std::to_string(kMostInlineDepth) + " deep");
    const std::string base = node.output_size() > 0 && !node.output(0).empty() ? node.output(0) : node.name();
    InlinedBody inlined = inlineFunction(*body, call, base + "/" + node.op_type() + "/");
    if (inlined.opsets.empty()) inlined.opsets = opsets;
    context_.inlinedNodes += static_cast<int>(inlined.nodes.size());
    if (context_.inlinedNodes > kMostInlined) throw Error(ErrorCode::badInput, "function bodies add up to more than a million nodes");
    for (const auto& inner : inlined.nodes) importNode(inner, inlined.opsets, inlineDepth + 1, where + " in function " + node.op_type());
    return true;
}

void GraphImporter::addLayer(const onnx::NodeProto& node, std::int64_t opset, const OpsetMap& opsets, const std::string& where) {
    Layer layer = layerOf(node, opset, opsets, where);
    for (const auto& out : node.output()) layer.outputs.push_back(out.empty() ? -1 : define(out, where));
    while (!layer.outputs.empty() && layer.outputs.back() < 0) layer.outputs.pop_back();
    if (layer.outputs.empty()) return;  // nobody can see what it does
    if (context_.registry.find(layer.domain, layer.op).empty()) context_.problems.push_back(explainMissing(context_.registry, layer, {}));
    graph_.addLayer(std::move(layer));
}

Layer GraphImporter::layerOf(const onnx::NodeProto& node, std::int64_t, const OpsetMap& opsets, const std::string& where) {
    Layer layer;
    layer.domain = domainOf(node.domain());
    layer.op = node.op_type();
    layer.name = !node.name().empty() ? node.name() : node.output_size() > 0 && !node.output(0).empty() ? node.output(0) : node.op_type();
    layer.source = where;
    for (const auto& in : node.input()) layer.inputs.push_back(in.empty() ? -1 : tensorOf(in, where));
    while (!layer.inputs.empty() && layer.inputs.back() < 0) layer.inputs.pop_back();
    for (const auto& a : node.attribute()) {
        if (a.name() == "plugin_version") layer.pluginVersion = a.s();
        else if (a.name() == "plugin_namespace") layer.pluginNamespace = a.s();
        else if (a.name() != "tensorrt_plugin_shape_input_indices" && !layer.attributes.emplace(a.name(), attributeOf(a, opsets, layer)).second)
            throw Error(ErrorCode::badInput, "attribute '" + a.name() + "' is given twice");
    }
    // As TensorRT's parser does: an operator unknown in its domain is looked for with the domain as plugin namespace.
    if (!layer.domain.empty() && context_.registry.find(layer.domain, layer.op).empty() && layer.pluginNamespace.empty())
        for (const CreatorRecord* c : context_.registry.find("", layer.op))
            if (c->pluginNamespace == layer.domain) {
                layer.pluginNamespace = layer.domain;
                layer.domain.clear();
                break;
            }
    return layer;
}

Attribute GraphImporter::attributeOf(const onnx::AttributeProto& a, const OpsetMap& opsets, Layer& layer) {
    using A = onnx::AttributeProto;
    switch (a.type()) {
        case A::FLOAT: return a.f();
        case A::INT: return std::int64_t{a.i()};
        case A::STRING: return a.s();
        case A::FLOATS: return std::vector<float>(a.floats().begin(), a.floats().end());
        case A::INTS: return std::vector<std::int64_t>(a.ints().begin(), a.ints().end());
        case A::STRINGS: return std::vector<std::string>(a.strings().begin(), a.strings().end());
        case A::TENSOR: return fromProto(a.t(), context_.source);
        case A::SPARSE_TENSOR: return fromSparseProto(a.sparse_tensor(), context_.source);
        case A::GRAPH: return nestedGraph(a.g(), opsets, layer);
        case A::TENSORS: {
            std::vector<TensorValue> v;
            for (const auto& t : a.tensors()) v.push_back(fromProto(t, context_.source));
            return v;
        }
        case A::GRAPHS: {
            std::vector<std::shared_ptr<Graph>> v;
            for (const auto& g : a.graphs()) v.push_back(nestedGraph(g, opsets, layer));
            return v;
        }
        default: throw Error(ErrorCode::unsupported, "attribute '" + a.name() + "' is of ONNX attribute type " + std::to_string(a.type()) + ", which is not supported");
    }
}

// The outer tensors that the graph uses follow its formal inputs, and follow the layer's own inputs.
std::shared_ptr<Graph> GraphImporter::nestedGraph(const onnx::GraphProto& proto, const OpsetMap& opsets, Layer& layer) {
    auto nested = std::make_shared<Graph>();
    GraphImporter importer(context_, *nested, this, depth_ + 1);
    importer.import(proto, opsets);
    for (const std::string& name : importer.captured()) layer.inputs.push_back(tensorOf(name, layer.source));
    return nested;
}

int GraphImporter::tensorOf(const std::string& name, const std::string& where) {
    if (const auto found = names_.find(name); found != names_.end()) return found->second;
    if (outer_ == nullptr || !outer_->isVisible(name)) throw Error(ErrorCode::badInput, "input '" + name + "' is produced by no node and is no input or initializer");
    const int id = graph_.addTensor(name, factsOf(name).type.value_or(DataType::undefined));
    graph_.inputs.push_back(id);
    captured_.push_back(name);
    bindName(name, id, where);
    return id;
}

int GraphImporter::define(const std::string& name, const std::string& where) {
    const int id = graph_.addTensor(name);
    bindName(name, id, where);
    return id;
}

void GraphImporter::bindName(const std::string& name, int id, const std::string& where) {
    if (name.empty()) throw Error(ErrorCode::badInput, where + ": a tensor has no name");
    if (!names_.emplace(name, id).second) throw Error(ErrorCode::badInput, where + ": there are two tensors named '" + name + "'");
}

void GraphImporter::addOutputs(const onnx::GraphProto& proto) {
    for (const auto& out : proto.output()) {
        try {
            graph_.outputs.push_back(tensorOf(out.name(), "output"));
            graph_.outputNames.push_back(out.name());
        } catch (const Error& e) {
            if (context_.problems.empty()) problem("output '" + out.name() + "'", e.what());  // else it follows from what was said
        }
    }
}

}  // namespace tenon
