// Graph rewrites: one a file, run in the order of one table.
#pragma once

#include "fold_budget.h"
#include "graph/layer_plugin.h"

namespace tenon {

struct PassContext {
    const Registry& registry;
    std::string fallback;               // implementation asked first for types, shapes and folding
    std::vector<std::string> problems;  // everything that stands in the way, for one message
    std::shared_ptr<FoldBudget> folding = std::make_shared<FoldBudget>();
};

struct Pass {
    const char* name;
    void (*run)(Graph& graph, PassContext& context);
};

// Types and symbolic shapes of all tensors; layers whose inputs are constants are run and replaced by their outputs.
void inferAndFold(Graph& graph, PassContext& context);
// The types alone.
void inferTypes(Graph& graph, PassContext& context);
// Removes layers and constants that no output needs.
void removeDead(Graph& graph, PassContext& context);

// Throws Error that lists the problems, if there are any.
void throwProblems(const PassContext& context);
// Runs all passes. Throws Error that lists all problems.
void runPasses(Graph& graph, PassContext& context);

// The plugin that answers for the layer's types and shapes: of the fallback implementation, else of the first that takes the
// attributes; null with reasons when there is none.
PluginPtr shapePlugin(const Layer& layer, const PassContext& context, const CreatorRecord** creator,
                      std::vector<std::string>* reasons);

}  // namespace tenon
