#include <tenon/error.h>

#include "graph.h"

#include <set>

namespace tenon {

namespace {
[[noreturn]] void reject(const std::string& what) { throw Error(ErrorCode::badInput, what); }

void checkTensor(const Graph& graph, TensorRef tensor, const std::string& where) {
    if (tensor.id() < 0 || tensor.id() >= static_cast<int>(graph.tensors.size()))
        reject(where + ": tensor handle " + std::to_string(tensor.id()) + " is not of this network");
}

void checkNewName(const Graph& graph, const std::string& name) {
    if (name.empty()) reject("a tensor needs a name");
    for (const Tensor& t : graph.tensors)
        if (t.name == name) reject("the network already has a tensor named '" + name + "'");
}
}  // namespace

Network::Network(std::string name) : graph_(std::make_unique<Graph>()) { graph_->name = std::move(name); }
Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

TensorRef Network::addInput(std::string name, DataType type, std::vector<Dim> dims) {
    checkNewName(*graph_, name);
    if (dims.size() > abi::kMaxRank) reject("input '" + name + "' has more than 16 dimensions");
    SymbolicShape shape;
    shape.rank = static_cast<int>(dims.size());
    for (const Dim& d : dims) {
        if (!d.isNamed() && d.value() < 0) reject("input '" + name + "' has a negative dimension; name one that varies");
        shape.dims.push_back(d.isNamed() ? graph_->expressions->symbol(d.name()) : graph_->expressions->constant(d.value()));
    }
    const int id = graph_->addTensor(std::move(name), type);
    graph_->tensors.back().shape = std::move(shape);
    graph_->inputs.push_back(id);
    return TensorRef(id);
}

TensorRef Network::addConstant(std::string name, TensorValue value) {
    checkNewName(*graph_, name);
    if (value.type != DataType::string && byteSize(value.type, value.dims) != value.data.size())
        reject("constant '" + name + "' of " + typeName(value.type) + tenon::toString(value.dims) + " needs " +
               std::to_string(byteSize(value.type, value.dims)) + " bytes, has " + std::to_string(value.data.size()));
    return TensorRef(graph_->addConstant(std::move(name), std::move(value)));
}

std::vector<TensorRef> Network::addLayer(std::string_view op, std::vector<TensorRef> inputs, Attributes attributes,
                                         LayerOptions options) {
    Layer layer;
    const std::size_t colons = op.rfind("::");
    layer.domain = colons == std::string_view::npos ? "" : std::string(op.substr(0, colons));
    layer.op = std::string(colons == std::string_view::npos ? op : op.substr(colons + 2));
    layer.name = options.name.empty() ? layer.op + "_" + std::to_string(graph_->layers.size()) : options.name;
    layer.source = "layer '" + layer.name + "'";
    layer.attributes = std::move(attributes);
    layer.opsetVersion = options.opsetVersion;
    layer.pluginVersion = options.pluginVersion;
    layer.pluginNamespace = options.pluginNamespace;
    if (layer.op.empty()) reject("a layer needs an operator");
    if (options.outputCount < 1) reject(layer.source + " needs at least one output");
    for (const TensorRef in : inputs) {
        if (in.id() >= 0) checkTensor(*graph_, in, layer.source);
        layer.inputs.push_back(in.id());
    }
    std::vector<std::string> names = options.outputNames;
    for (int i = static_cast<int>(names.size()); i < options.outputCount; ++i)
        names.push_back(layer.name + (options.outputCount == 1 ? "" : "_" + std::to_string(i)));
    if (names.size() != static_cast<std::size_t>(options.outputCount))
        reject(layer.source + " has more output names than outputs");
    for (const std::string& n : names)
        checkNewName(*graph_, n);
    if (std::set(names.begin(), names.end()).size() != names.size()) reject(layer.source + " has two outputs of one name");
    std::vector<TensorRef> outputs;
    for (const std::string& n : names) {
        layer.outputs.push_back(graph_->addTensor(n));
        outputs.emplace_back(layer.outputs.back());
    }
    graph_->addLayer(std::move(layer));
    return outputs;
}

void Network::markOutput(TensorRef tensor, std::string name) {
    checkTensor(*graph_, tensor, "markOutput");
    if (name.empty()) name = graph_->tensors[static_cast<std::size_t>(tensor.id())].name;
    for (const std::string& other : graph_->outputNames)
        if (other == name) reject("the network already has an output named '" + name + "'");
    graph_->outputs.push_back(tensor.id());
    graph_->outputNames.push_back(std::move(name));
}

std::string Network::toString() const { return tenon::toString(*graph_); }

}  // namespace tenon
