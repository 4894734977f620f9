// Folding across the border of nested networks.
#pragma once

#include "pass.h"

namespace tenon {

// The layer's nested networks in the order in which their captured tensors stand among its inputs.
std::vector<const Graph*> nestedGraphs(const Layer& layer);

// Moves constants that the layer's nested networks capture into them.
void sinkConstants(const Graph& graph, Layer& layer);

// Folds constants in the layer's nested networks, whose input types `nested` knows; once each. True when one was changed: the
// layer needs a new plugin.
bool foldNested(Layer& layer, abi::IPlugin& plugin, const std::vector<std::shared_ptr<abi::ISubgraph>>& nested,
                PassContext& context);

}  // namespace tenon
