// Plans of nested networks: compiled for any shapes, kept inside the plan of the network around them.
#pragma once

#include <tenon/builder.h>

#include "graph/graph.h"
#include "plan_file.h"

namespace tenon {

// The network runs layer by layer in host memory, whatever the ranks and dims of its inputs. Their types must be known.
PlanContents buildNestedPlan(Graph graph, const Registry& registry, const BuilderOptions& options);

}  // namespace tenon
