// The table of passes.
#include <tenon/error.h>
#include <tenon/logger.h>

#include "pass.h"

#include <algorithm>

namespace tenon {

namespace {
constexpr Pass kPasses[] = {
    {"infer and fold", inferAndFold},
    {"remove dead", removeDead},
};

std::string joined(const PassContext& context) {
    constexpr std::size_t kShown = 50;
    std::string text;
    for (std::size_t i = 0; i < context.problems.size() && i < kShown; ++i)
        text += (i == 0 ? "" : "\n") + context.problems[i];
    if (context.problems.size() > kShown) text += "\nand " + std::to_string(context.problems.size() - kShown) + " more";
    return text;
}
}  // namespace

void throwProblems(const PassContext& context) {
    if (!context.problems.empty()) throw Error(ErrorCode::badInput, joined(context));
}

void runPasses(Graph& graph, PassContext& context) {
    verify(graph);
    for (const Pass& pass : kPasses) {
        pass.run(graph, context);
        throwProblems(context);
        verify(graph);
        log(LogLevel::debug, LogTopic::import, std::string(pass.name) + ": " + std::to_string(graph.layers.size()) + " layers");
    }
}

PluginPtr shapePlugin(const Layer& layer, const PassContext& context, const CreatorRecord** creator,
                      std::vector<std::string>* reasons) {
    auto records = creatorsFor(context.registry, layer, reasons);
    const auto rank = [&](const CreatorRecord* c) {
        return c->implementation == context.fallback ? 0 : c->device == "cpu" ? 1 : 2;
    };
    std::stable_sort(records.begin(), records.end(), [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
    for (const CreatorRecord* record : records) {
        try {
            PluginPtr plugin = createPlugin(context.registry, *record, layer);
            if (creator != nullptr) *creator = record;
            return plugin;
        } catch (const Error& e) {
            if (reasons != nullptr) reasons->push_back(e.what());
        }
    }
    return nullptr;
}

void removeDead(Graph& graph, PassContext&) {
    std::vector<bool> needed(graph.tensors.size());
    for (const int out : graph.outputs)
        needed[static_cast<std::size_t>(out)] = true;
    std::vector<Layer> kept;
    for (std::size_t i = graph.layers.size(); i-- > 0;) {
        Layer& layer = graph.layers[i];
        const bool alive = std::any_of(layer.outputs.begin(), layer.outputs.end(),
                                       [&](int t) { return t >= 0 && needed[static_cast<std::size_t>(t)]; });
        if (!alive) continue;
        for (const int in : layer.inputs)
            if (in >= 0) needed[static_cast<std::size_t>(in)] = true;
        kept.push_back(std::move(layer));
    }
    std::reverse(kept.begin(), kept.end());
    for (Tensor& t : graph.tensors)
        t.producer = -1;
    for (std::size_t i = 0; i < graph.tensors.size(); ++i)
        if (!needed[i]) graph.tensors[i].constant.reset();
    graph.layers.clear();
    for (Layer& layer : kept)
        graph.addLayer(std::move(layer));
}

}  // namespace tenon
