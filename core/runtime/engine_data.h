// What contexts of one engine share: the plan, its weights in place, and a prototype of every plugin.
#pragma once

#include <tenon/engine.h>

#include "graph/layer_plugin.h"
#include "memory.h"
#include "plan/plan_file.h"

namespace tenon {

struct EngineLayer {
    const proto::Layer* description = nullptr;
    const CreatorRecord* creator = nullptr;  // null: a copy
    PluginPtr prototype;                     // tactic and packed inputs are set
    StepInfo info;
    std::string who;  // for messages
};

struct EngineData {
    PlanContents plan;
    const Registry* registry = nullptr;
    abi::IDevice* device = nullptr;
    std::vector<EngineLayer> layers;
    std::vector<const void*> constants;  // per tensor: where its bytes are; null for tensors that are no constants
    std::vector<Memory> deviceWeights;
    std::vector<IoInfo> inputs, outputs;
    std::size_t hostWeightBytes = 0, deviceWeightBytes = 0;
};

std::unique_ptr<Context> makeContext(std::shared_ptr<const EngineData> engine);

}  // namespace tenon
