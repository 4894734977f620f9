// A nested network in the place of the layer that runs it.
#pragma once

#include "pass.h"

#include <map>

namespace tenon {

// The layers of the network that the layer's plugin names (abi::IInline), as layers of `graph`, to which their tensors are added;
// nullopt when it names none. `replaced` gets the layer's outputs and what stands for them.
std::optional<std::vector<Layer>> inlined(Graph& graph, const Layer& layer, abi::IPlugin& plugin,
                                          const std::vector<abi::SymbolicTensor>& inputs, std::map<int, int>& replaced);

}  // namespace tenon
