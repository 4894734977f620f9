// Inputs, constants, outputs and names of a graph.
#include "graph_importer.h"

#include <tenon/error.h>

#include "names.h"
#include "node_order.h"
#include "wire_check.h"

namespace tenon {

void GraphImporter::import(const onnx::GraphProto& proto, const OpsetMap& opsets) {
    if (depth_ > kMostNestedGraphs)
        throw Error(ErrorCode::badInput,
                    "more than " + std::to_string(kMostNestedGraphs) + " graphs are nested inside each other");
    if (!isUtf8(proto.name())) problem("graph " + shownName(proto.name()), "the name is not UTF-8");
    graph_.name = proto.name();
    addInputs(proto);
    addInitializers(proto);
    for (const auto& in : proto.input())
        if (const auto found = names_.find(in.name()); found != names_.end()) {
            try {
                checkType(in, found->second);
            } catch (const Error& e) {
                problem("input " + shownName(in.name()), e.what());
            }
        }
    noteTypes(proto);
    const auto report = [&](int node, const std::string& what) { problem(describe(proto.node(node), node), what); };
    for (const int node : nodeOrder(proto, context_.freeNames, report))
        importChecked(proto.node(node), opsets, describe(proto.node(node), node));
    addOutputs(proto);
}

void GraphImporter::addInitializers(const onnx::GraphProto& proto) {
    const auto add = [&](const std::string& name, const char* what, auto&& value) {
        try {
            bindName(name, graph_.addConstant(name, value()));
        } catch (const std::exception& e) {
            problem(what + (" " + shownName(name)), e.what());
            names_.try_emplace(name, graph_.addTensor(name));
        }
    };
    for (const auto& t : proto.initializer())
        add(t.name(), "initializer", [&] { return fromProto(t, context_.source); });
    for (const auto& t : proto.sparse_initializer())
        add(t.values().name(), "sparse initializer", [&] { return fromSparseProto(t, context_.source); });
}

void GraphImporter::addInputs(const onnx::GraphProto& proto) {
    std::set<std::string_view> constants, seen;
    for (const auto& t : proto.initializer())
        constants.insert(t.name());
    for (const auto& t : proto.sparse_initializer())
        constants.insert(t.values().name());
    for (const auto& in : proto.input()) {
        const std::string where = "input " + shownName(in.name());
        if (!seen.insert(in.name()).second) problem(where, "there are two inputs of this name");
        else if (!constants.contains(in.name())) {
            try {
                addInput(in);
            } catch (const Error& e) {
                problem(where, e.what());
                names_.try_emplace(in.name(), graph_.addTensor(in.name()));
            }
        }
    }
}

void GraphImporter::addInput(const onnx::ValueInfoProto& in) {
    const bool isTyped = in.type().value_case() != onnx::TypeProto::VALUE_NOT_SET;
    if (!isTyped && depth_ == 0) throw Error(ErrorCode::badInput, "has no type");
    if (isTyped && !in.type().has_tensor_type()) {
        bindName(in.name(), graph_.addTensor(in.name(), dataTypeOf(in.type(), "its type")));
        graph_.inputs.push_back(names_.at(in.name()));
        graph_.tensors.back().shape = constantShape(*graph_.expressions, {});
        return;
    }
    const auto& type = in.type().tensor_type();
    const bool isUntyped = depth_ > 0 && type.elem_type() == 0;
    SymbolicShape shape;
    if (type.has_shape()) shape.rank = type.shape().dim_size();
    if (shape.rank > abi::kMaxRank)
        throw Error(ErrorCode::unsupported, "has " + std::to_string(shape.rank) + " dimensions; at most 16 are supported");
    for (int i = 0; i < shape.rank; ++i) {
        const auto& d = type.shape().dim(i);
        if (d.dim_value() < -1)
            throw Error(ErrorCode::badInput, "dimension " + std::to_string(i) + " is " + std::to_string(d.dim_value()));
        if (!isUtf8(d.dim_param()))
            throw Error(ErrorCode::badInput,
                        "dimension " + std::to_string(i) + " is named " + shownName(d.dim_param()) + ", which is not UTF-8");
        if (d.has_dim_value() && d.dim_value() >= 0) shape.dims.push_back(graph_.expressions->constant(d.dim_value()));
        else if (!d.dim_param().empty()) shape.dims.push_back(graph_.expressions->symbol(d.dim_param()));
        else
            shape.dims.push_back(
                graph_.expressions->fresh(in.name() + "." + std::to_string(i)));  // exporters write -1 for unknown, too
    }
    const int id = graph_.addTensor(in.name(), isUntyped ? DataType::undefined : dataTypeOf(type.elem_type(), "its type"));
    bindName(in.name(), id);
    graph_.inputs.push_back(id);
    graph_.tensors.back().shape = std::move(shape);
}

// What value_info says is a hint for the adapters; shapes come from the plugins.
void GraphImporter::noteTypes(const onnx::GraphProto& proto) {
    for (const auto* list : {&proto.input(), &proto.value_info(), &proto.output()})
        for (const auto& v : *list) {
            if (!v.type().has_tensor_type()) continue;
            TensorFacts& f = facts_[v.name()];
            const auto& type = v.type().tensor_type();
            if (type.elem_type() > 0 && type.elem_type() < abi::kDataTypeCount) f.type = static_cast<DataType>(type.elem_type());
            if (type.has_shape() && type.shape().dim_size() <= abi::kMaxRank) f.rank = type.shape().dim_size();
        }
}

TensorFacts GraphImporter::factsOf(const std::string& name) const {
    if (const auto id = names_.find(name); id != names_.end())
        if (const auto& constant = graph_.tensors[static_cast<std::size_t>(id->second)].constant)
            return {constant->type, static_cast<int>(constant->dims.size()), &*constant};
    if (const auto found = facts_.find(name); found != facts_.end()) return found->second;
    return outer_ != nullptr && !names_.contains(name) ? outer_->factsOf(name) : TensorFacts{};
}

DataType GraphImporter::typeOf(const std::string& name) {
    const auto id = names_.find(name);
    if (id == names_.end() && outer_ != nullptr) return outer_->typeOf(name);
    const TensorFacts facts = factsOf(name);
    return facts.type || id == names_.end() ? facts.type.value_or(DataType::undefined) : types_.typeOf(id->second);
}

const Tensor* GraphImporter::visible(const std::string& name) const {
    if (const auto found = names_.find(name); found != names_.end())
        return &graph_.tensors[static_cast<std::size_t>(found->second)];
    return outer_ != nullptr ? outer_->visible(name) : nullptr;
}

// A tensor of this graph; an outer one becomes a constant or an input of it.
int GraphImporter::tensorOf(const std::string& name) {
    if (const auto found = names_.find(name); found != names_.end()) return found->second;
    const Tensor* outer = outer_ != nullptr ? outer_->visible(name) : nullptr;
    if (outer == nullptr)
        throw Error(ErrorCode::badInput, "tensor " + shownName(name) + " is produced by no node and is no input or initializer");
    if (++context_.captures > kMostCaptures)
        throw Error(ErrorCode::badInput,
                    "nested graphs use more than " + std::to_string(kMostCaptures) + " tensors of the graphs around them");
    const int id = outer->constant ? graph_.addConstant(name, *outer->constant) : graph_.addTensor(name, outer_->typeOf(name));
    bindName(name, id);
    if (graph_.tensors.back().constant) return id;
    graph_.inputs.push_back(id);
    captured_.push_back(name);
    return id;
}

void GraphImporter::bindName(const std::string& name, int id) {
    if (name.empty()) throw Error(ErrorCode::badInput, "a tensor has no name");
    if (!isUtf8(name)) throw Error(ErrorCode::badInput, "the name " + shownName(name) + " is not UTF-8");
    if (!names_.emplace(name, id).second) throw Error(ErrorCode::badInput, "there are two tensors named " + shownName(name));
}

// What the model declares about a tensor of the main graph must be true where it is known already.
void GraphImporter::checkType(const onnx::ValueInfoProto& declared, int id) {
    if (depth_ > 0 || !declared.type().has_tensor_type()) return;
    const auto& type = declared.type().tensor_type();
    const DataType wanted = type.elem_type() == 0 ? DataType::undefined : dataTypeOf(type.elem_type(), "its type");
    const DataType found = types_.typeOf(id);
    if (wanted != DataType::undefined && found != DataType::undefined && wanted != found)
        throw Error(ErrorCode::badInput, std::string("is declared as ") + typeName(wanted) + ", but is " + typeName(found));
    const auto& constant = graph_.tensors[static_cast<std::size_t>(id)].constant;
    if (!constant || !type.has_shape()) return;
    bool isSame = type.shape().dim_size() == static_cast<int>(constant->dims.size());
    for (int i = 0; isSame && i < type.shape().dim_size(); ++i) {
        const auto& d = type.shape().dim(i);
        isSame = !d.has_dim_value() || d.dim_value() < 0 || d.dim_value() == constant->dims[static_cast<std::size_t>(i)];
    }
    if (!isSame)
        throw Error(ErrorCode::badInput, "is declared with another shape than that of its data, " + toString(constant->dims));
}

void GraphImporter::addOutputs(const onnx::GraphProto& proto) {
    std::set<std::string_view> seen;
    for (const auto& out : proto.output()) {
        try {
            if (!seen.insert(out.name()).second) throw Error(ErrorCode::badInput, "there are two outputs of this name");
            graph_.outputs.push_back(tensorOf(out.name()));
            checkType(out, graph_.outputs.back());
            graph_.outputNames.push_back(out.name());
        } catch (const Error& e) {
            problem("output " + shownName(out.name()), e.what());
        }
    }
}

}  // namespace tenon
