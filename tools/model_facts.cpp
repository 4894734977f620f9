#include "model_facts.h"

#include <map>

#include "graph/graph.h"

namespace tenon::cli {

namespace {
IoInfo describe(const Tensor& t) {
    IoInfo info;
    info.name = t.name;
    info.type = t.type;
    info.rankKnown = t.shape.rank >= 0;
    for (const Expr* d : t.shape.dims) {
        if (d == nullptr) info.dims.emplace_back("?");
        else if (d->isConstant()) info.dims.emplace_back(d->constantValue());
        else info.dims.emplace_back(d->toString());
    }
    return info;
}
}  // namespace

std::vector<IoInfo> inputsOf(const Network& network) {
    std::vector<IoInfo> inputs;
    for (const int id : network.graph().inputs)
        inputs.push_back(describe(network.graph().tensors[static_cast<std::size_t>(id)]));
    return inputs;
}

std::vector<std::string> outputNamesOf(const Network& network) { return network.graph().outputNames; }

std::string dimsText(const IoInfo& info) {
    if (!info.rankKnown) return "[*]";
    std::string text;
    for (const Dim& d : info.dims)
        text += (text.empty() ? "" : ",") + (d.isNamed() ? d.name() : std::to_string(d.value()));
    return "[" + text + "]";
}

std::vector<OperatorUse> operatorsOf(const Network& network) {
    std::map<std::string, OperatorUse> uses;
    for (const Layer& layer : network.graph().layers) {
        OperatorUse& use =
            uses.try_emplace(layer.qualifiedName(), OperatorUse{layer.domain, layer.op, 0, layer.opsetVersion}).first->second;
        ++use.count;
    }
    std::vector<OperatorUse> list;
    for (auto& [name, use] : uses)
        list.push_back(std::move(use));
    return list;
}

}  // namespace tenon::cli
