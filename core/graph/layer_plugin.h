// From a layer to plugins: attributes to fields, creators asked, messages collected.
#pragma once

#include <tenon/abi/extensions.h>
#include <tenon/registry/registry.h>

#include "graph.h"

namespace tenon {

// Implementation that answers for types and shapes, and runs what is not tuned, unless the options name another.
constexpr const char* kFallback = "reference";

struct DestroyPlugin {
    std::vector<std::shared_ptr<abi::ISubgraph>> nested = {};  // what the plugin may call, in ISubgraphUser's order
    void operator()(abi::IPlugin* p) const { p->destroy(); }
};
using PluginPtr = std::unique_ptr<abi::IPlugin, DestroyPlugin>;

// Whether the creator implements the operator's form of this opset version; 0: the newest.
bool implementsOpset(const CreatorRecord& creator, int opset);

// Creators that may serve the layer: operator, opset version, pins, number of inputs and outputs. Those that do not are
// explained, one line each, in *reasons.
std::vector<const CreatorRecord*> creatorsFor(const Registry& registry, const Layer& layer,
                                              std::vector<std::string>* reasons = nullptr);

// Gives the plugin its nested networks, which then live as long as it does. Null entries are absent ones.
void attach(PluginPtr& plugin, std::vector<std::shared_ptr<abi::ISubgraph>> nested);

// A plugin of this creator for the layer, with its nested networks. Throws Error with the plugin's message.
PluginPtr createPlugin(const Registry& registry, const CreatorRecord& record, const Layer& layer);
PluginPtr deserializePlugin(const Registry& registry, const CreatorRecord& record, const Layer& layer,
                            std::span<const std::byte> bytes);
std::vector<std::byte> serializePlugin(const abi::IPlugin& plugin);

// Text for a failed call: the plugin's message if there is one, else the status.
std::string pluginMessage(abi::Status status);

// "No implementation" in full: layer, operator, near names, where libraries were searched, who declined why, what to do.
std::string explainMissing(const Registry& registry, const Layer& layer, const std::vector<std::string>& reasons);

}  // namespace tenon
