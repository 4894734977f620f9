// From chosen candidates to the contents of a plan: conversions inserted, constants packed, tensors numbered.
#pragma once

#include "plan_file.h"
#include "tactics/selector.h"
#include "tactics/tuner.h"

namespace tenon {

// What buildPlan decided for every layer.
struct Decision {
    LayerInstance instance;
    const Candidate* candidate = nullptr;  // null in the shape phase: the plugin that answers for shapes
};

class Assembler {
public:
    Assembler(const BoundGraph& bound, const Registry& registry, Tuner& tuner, const BuilderOptions& options);
    PlanContents operator()(const std::vector<Decision>& decisions, const std::string& device);

private:
    using Place = std::pair<int, Format>;
    int addTensor(const Tensor& t, const std::string& name, const Format& format);
    int weightOf(int tensor);
    int constantTensor(int tensor, const Format& format);
    int packedConstant(int tensor, const Blob& packed, const Format& format);
    int inFormat(int tensor, const Format& format);
    int convertOnce(int tensor, const Format& from, const Format& to);
    void addLayer(std::size_t index, const Decision& decision);
    void addShapePhaseLayer(std::size_t index, const Decision& decision);
    void produce(const Layer& layer, const std::vector<Format>& formats, proto::Layer& out);
    proto::Layer& pluginLayer(const Layer& layer, const CreatorRecord& creator, const PluginPtr& plugin);
    void addNested(const Layer& layer, const abi::IPlugin& plugin, const std::vector<std::shared_ptr<abi::ISubgraph>>& nested,
                   proto::Layer& out);
    int addWeight(const Blob& bytes);
    void bindIo();
    const Tensor& tensor(int id) const { return graph_.tensors[static_cast<std::size_t>(id)]; }

    const BoundGraph& bound_;
    const Graph& graph_;
    const Registry& registry_;
    Tuner& tuner_;
    const BuilderOptions& options_;
    PlanContents plan_;
    std::map<Place, int> places_;                                     // graph tensor in a format -> plan tensor
    std::map<int, Format> home_;                                      // the format a tensor is produced in
    std::map<int, int> weights_;                                      // graph constant -> weight
    std::map<std::pair<const std::byte*, std::size_t>, int> shared_;  // bytes -> weight
    std::map<int, int> libraries_;                                    // registry library -> plan library
};

}  // namespace tenon
