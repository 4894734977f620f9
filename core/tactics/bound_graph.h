// A network bound to plugins and to concrete shapes: what candidates are listed and measured for.
#pragma once

#include "passes/pass.h"

#include <tenon/profile.h>

namespace tenon {

struct BoundLayer {
    PluginPtr plugin;  // answers for shapes; of `creator`
    const CreatorRecord* creator = nullptr;
    // Runs on the host when shapes are set, because some shape depends on its output's content, or its own output's size is known
    // only after running.
    bool inShapePhase = false;
};

// Whether some output's size is known only after running; layers that run nested networks are taken to be so.
bool isSizedByRunning(const BoundLayer& layer);

// Shapes of all tensors for one setting of the inputs; nullopt where they are known only at run time.
using ConcreteShapes = std::vector<std::optional<Dims>>;

struct BoundGraph {
    const Graph* graph = nullptr;
    std::vector<BoundLayer> layers;
    std::vector<bool> shapeInput;  // per tensor: a network input whose content decides shapes
    ConcreteShapes min, opt, max;
    std::map<int, TensorValue> knownContent;  // content at opt of tensors of the shape phase
    std::map<int, ShapeRange> inputRange;     // per network input tensor
};

// Every layer in the shape phase: the network takes inputs of any rank and size. Throws Error when a layer has no implementation.
BoundGraph bindToAnyShape(const Graph& graph, PassContext& context);

// Throws Error when the profile contradicts the network or a shape rule fails.
BoundGraph bind(const Graph& graph, PassContext& context, const Profile& profile);

}  // namespace tenon
