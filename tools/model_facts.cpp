#include "model_facts.h"

#include <map>

#include "graph/graph.h"

namespace tenon::cli {

std::vector<ModelInput> inputsOf(const Network& network) {
    std::vector<ModelInput> inputs;
    const Graph& graph = network.graph();
    for (const int id : graph.inputs) {
        const Tensor& t = graph.tensors[static_cast<std::size_t>(id)];
        inputs.push_back({t.name, t.type, toString(t.shape)});
    }
    return inputs;
}

std::vector<OperatorUse> operatorsOf(const Network& network) {
    std::map<std::string, OperatorUse> uses;
    for (const Layer& layer : network.graph().layers) {
        OperatorUse& use = uses.try_emplace(layer.qualifiedName(), OperatorUse{layer.domain, layer.op, 0, layer.opsetVersion}).first->second;
        ++use.count;
    }
    std::vector<OperatorUse> list;
    for (auto& [name, use] : uses) list.push_back(std::move(use));
    return list;
}

}  // namespace tenon::cli
