// From a layer to plugins: attributes to fields, creators asked, messages collected.
#pragma once

#include <tenon/registry/registry.h>

#include "graph.h"

namespace tenon {

struct DestroyPlugin {
    void operator()(abi::IPlugin* p) const { p->destroy(); }
};
using PluginPtr = std::unique_ptr<abi::IPlugin, DestroyPlugin>;

// Creators that may serve the layer: operator, opset version, pins, number of inputs and outputs. Those that do not are
// explained, one line each, in *reasons.
std::vector<const CreatorRecord*> creatorsFor(const Registry& registry, const Layer& layer,
                                              std::vector<std::string>* reasons = nullptr);

// A plugin of this creator for the layer. Throws Error with the plugin's message.
PluginPtr createPlugin(const Registry& registry, const CreatorRecord& record, const Layer& layer);
PluginPtr deserializePlugin(const Registry& registry, const CreatorRecord& record, const Layer& layer,
                            std::span<const std::byte> bytes);
std::vector<std::byte> serializePlugin(const abi::IPlugin& plugin);

// Text for a failed call: the plugin's message if there is one, else the status.
std::string pluginMessage(abi::Status status);

// "No implementation" in full: layer, operator, near names, where libraries were searched, who declined why, what to do.
std::string explainMissing(const Registry& registry, const Layer& layer, const std::vector<std::string>& reasons);

}  // namespace tenon
