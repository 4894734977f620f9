#include "type_queries.h"

#include <tenon/error.h>

#include "passes/pass.h"
#include "runtime/shape_query.h"

namespace tenon {

DataType TypeQueries::typeOf(int tensor) {
    for (std::size_t i = types_.size(); i < graph_.tensors.size(); ++i)
        types_.push_back(graph_.tensors[i].type);
    for (; next_ < graph_.layers.size() && types_[static_cast<std::size_t>(tensor)] == DataType::undefined; ++next_)
        visit(graph_.layers[next_]);
    return types_[static_cast<std::size_t>(tensor)];
}

void TypeQueries::visit(const Layer& layer) {
    std::vector<DataType> in;
    for (const int id : layer.inputs) {
        in.push_back(id < 0 ? DataType::undefined : types_[static_cast<std::size_t>(id)]);
        if (id >= 0 && in.back() == DataType::undefined) return;
    }
    try {
        const PassContext context{registry_, "reference", {}};
        const PluginPtr plugin = shapePlugin(layer, context, nullptr, nullptr);
        if (!plugin) return;
        const auto out = queryTypes(*plugin, in, layer.outputs.size(), layer.source);
        for (std::size_t i = 0; i < out.size(); ++i)
            if (layer.outputs[i] >= 0) types_[static_cast<std::size_t>(layer.outputs[i])] = out[i];
    } catch (const Error&) {  // shape inference says it again, with everything that it needs
    }
}

}  // namespace tenon
