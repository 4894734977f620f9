#include "inline_graph.h"

#include <tenon/abi/inlining.h>
#include <tenon/error.h>

#include "nested_constants.h"

namespace tenon {

namespace {
// Where the captured tensors of the network stand among the layer's inputs.
std::size_t firstCaptured(const Layer& layer, const Graph* wanted) {
    std::size_t behind = 0;
    bool isBehind = false;
    for (const Graph* g : nestedGraphs(layer)) {
        isBehind = isBehind || g == wanted;
        if (isBehind) behind += static_cast<std::size_t>(g->capturedCount);
    }
    if (behind > layer.inputs.size()) throw Error(ErrorCode::badInput, layer.source + ": tensors that it captures are missing");
    return layer.inputs.size() - behind;
}
}  // namespace

std::optional<std::vector<Layer>> inlined(Graph& graph, const Layer& layer, abi::IPlugin& plugin,
                                          const std::vector<abi::SymbolicTensor>& inputs, std::map<int, int>& replaced) {
    auto* inliner = static_cast<abi::IInline*>(plugin.extension(abi::IInline::kId));
    auto* user = static_cast<abi::ISubgraphUser*>(plugin.extension(abi::ISubgraphUser::kId));
    const std::int32_t index = inliner == nullptr || user == nullptr
                                   ? -1
                                   : inliner->inlinedSubgraph(inputs.data(), static_cast<std::int32_t>(inputs.size()));
    if (index < 0) return std::nullopt;
    const auto attribute = layer.attributes.find(user->subgraphAttribute(index));
    const auto* nested = attribute == layer.attributes.end() ? nullptr : std::get_if<std::shared_ptr<Graph>>(&attribute->second);
    if (nested == nullptr || static_cast<std::size_t>((*nested)->capturedCount) != (*nested)->inputs.size() ||
        (*nested)->outputs.size() < layer.outputs.size())
        return std::nullopt;
    const Graph& inner = **nested;
    std::vector<int> outer(inner.tensors.size(), -1);  // inner tensor -> tensor of `graph`
    const std::size_t first = firstCaptured(layer, &inner);
    for (std::size_t k = 0; k < inner.inputs.size(); ++k)
        outer[static_cast<std::size_t>(inner.inputs[k])] = layer.inputs[first + k];
    for (std::size_t i = 0; i < inner.tensors.size(); ++i) {
        if (outer[i] >= 0) continue;
        const std::string name = layer.name + "/" + inner.tensors[i].name;
        outer[i] = inner.tensors[i].constant ? graph.addConstant(name, *inner.tensors[i].constant) : graph.addTensor(name);
    }
    const auto rename = [&](std::vector<int>& ids) {
        for (int& id : ids)
            if (id >= 0) id = outer[static_cast<std::size_t>(id)];
    };
    std::vector<Layer> layers = inner.layers;
    for (Layer& l : layers) {
        rename(l.inputs);
        rename(l.outputs);
    }
    for (std::size_t i = 0; i < layer.outputs.size(); ++i)
        if (layer.outputs[i] >= 0) replaced[layer.outputs[i]] = outer[static_cast<std::size_t>(inner.outputs[i])];
    return layers;
}

}  // namespace tenon
