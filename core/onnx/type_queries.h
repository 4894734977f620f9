// Data types of tensors while the graph is still being imported.
#pragma once

#include "graph/layer_plugin.h"

namespace tenon {

// Asks the plugins of the layers imported so far, once each, and only when somebody wants to know.
class TypeQueries {
public:
    TypeQueries(const Registry& registry, const Graph& graph) : registry_(registry), graph_(graph) {}
    // `undefined` when it cannot be found out.
    DataType typeOf(int tensor);

private:
    void visit(const Layer& layer);
    const Registry& registry_;
    const Graph& graph_;
    std::vector<DataType> types_;
    std::size_t next_ = 0;  // first layer that was not asked
};

}  // namespace tenon
