#include "nested_constants.h"

#include "runtime/nested_graph.h"

namespace tenon {

namespace {
using GraphPtr = std::shared_ptr<Graph>;

// The layer's nested networks in the order in which their captured tensors stand among its inputs.
std::vector<GraphPtr*> graphsOf(Layer& layer) {
    std::vector<GraphPtr*> graphs;
    for (auto& [name, value] : layer.attributes) {
        if (auto* one = std::get_if<GraphPtr>(&value)) graphs.push_back(one);
        if (auto* list = std::get_if<std::vector<GraphPtr>>(&value))
            for (GraphPtr& g : *list)
                graphs.push_back(&g);
    }
    return graphs;
}

// Input `first + k` of the layer is the nested network's captured input k.
void sinkInto(const Graph& graph, Layer& layer, GraphPtr& nested, std::size_t first) {
    auto copy = std::make_shared<Graph>(*nested);
    const std::size_t formal = copy->inputs.size() - static_cast<std::size_t>(copy->capturedCount);
    for (std::size_t k = static_cast<std::size_t>(copy->capturedCount); k-- > 0;) {
        const int outer = layer.inputs[first + k];
        if (outer < 0 || !graph.tensors[static_cast<std::size_t>(outer)].constant) continue;
        Tensor& inner = copy->tensors[static_cast<std::size_t>(copy->inputs[formal + k])];
        inner.constant = graph.tensors[static_cast<std::size_t>(outer)].constant;
        inner.type = inner.constant->type;
        inner.shape = constantShape(*copy->expressions, inner.constant->dims);
        copy->inputs.erase(copy->inputs.begin() + static_cast<std::ptrdiff_t>(formal + k));
        layer.inputs.erase(layer.inputs.begin() + static_cast<std::ptrdiff_t>(first + k));
        --copy->capturedCount;
    }
    if (copy->inputs.size() != nested->inputs.size()) nested = std::move(copy);
}
}  // namespace

std::vector<const Graph*> nestedGraphs(const Layer& layer) {
    std::vector<const Graph*> graphs;
    for (const auto& [name, value] : layer.attributes) {
        if (const auto* one = std::get_if<GraphPtr>(&value)) graphs.push_back(one->get());
        if (const auto* list = std::get_if<std::vector<GraphPtr>>(&value))
            for (const GraphPtr& g : *list)
                graphs.push_back(g.get());
    }
    return graphs;
}

void sinkConstants(const Graph& graph, Layer& layer) {
    const auto graphs = graphsOf(layer);
    std::size_t captured = 0;
    for (const GraphPtr* g : graphs)
        captured += static_cast<std::size_t>((*g)->capturedCount);
    if (captured == 0 || captured > layer.inputs.size()) return;
    std::size_t first = layer.inputs.size() - captured;
    for (GraphPtr* g : graphs) {
        sinkInto(graph, layer, *g, first);
        first += static_cast<std::size_t>((*g)->capturedCount);
    }
}

bool foldNested(Layer& layer, abi::IPlugin& plugin, const std::vector<std::shared_ptr<abi::ISubgraph>>& nested,
                PassContext& context) {
    auto* user = static_cast<abi::ISubgraphUser*>(plugin.extension(abi::ISubgraphUser::kId));
    bool changed = false;
    for (std::size_t i = 0; i < nested.size(); ++i) {
        if (nested[i] == nullptr) continue;
        auto& graph = std::get<GraphPtr>(layer.attributes.find(user->subgraphAttribute(static_cast<std::int32_t>(i)))->second);
        if (graph->isFolded) continue;
        auto folded = std::make_shared<Graph>(static_cast<const NestedGraph&>(*nested[i]).typed());
        PassContext inner{context.registry, context.fallback, {}, context.folding};
        inferAndFold(*folded, inner);
        removeDead(*folded, inner);
        context.problems.insert(context.problems.end(), inner.problems.begin(), inner.problems.end());
        folded->isFolded = true;
        graph = std::move(folded);
        changed = true;
    }
    return changed;
}

}  // namespace tenon
