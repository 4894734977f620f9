// What contexts of one engine share: the plan, its weights in place, and a prototype of every plugin.
#pragma once

#include <tenon/engine.h>

#include "graph/layer_plugin.h"
#include "memory.h"
#include "plan/plan_file.h"

namespace tenon {

struct EngineData;

struct EngineLayer {
    const proto::Layer* description = nullptr;
    const CreatorRecord* creator = nullptr;                 // null: a copy
    PluginPtr prototype;                                    // tactic and packed inputs are set
    std::vector<std::shared_ptr<const EngineData>> nested;  // in the order of the plugin's ISubgraphUser; null: absent
    StepInfo info;
    std::string who;  // for messages
};

struct EngineData {
    PlanContents plan;
    const Registry* registry = nullptr;
    abi::IDevice* device = nullptr;
    std::vector<EngineLayer> layers;
    std::vector<const void*> constants;  // per tensor: where its bytes are; null for tensors that are no constants
    std::vector<Blob> strings;           // constants of strings, unpacked
    std::vector<Memory> deviceWeights;
    std::vector<IoInfo> inputs, outputs;
    std::size_t hostWeightBytes = 0, deviceWeightBytes = 0;
};

// Makes a nested network ready to run. Throws Error.
std::shared_ptr<const EngineData> loadNested(PlanContents plan, const Registry& registry);

std::unique_ptr<Context> makeContext(std::shared_ptr<const EngineData> engine);

}  // namespace tenon
