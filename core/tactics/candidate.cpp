#include "candidate.h"

#include <tenon/abi/extensions.h>
#include <tenon/error.h>
#include <tenon/sdk/types.h>

#include "runtime/shape_query.h"
#include "runtime/tensor_desc.h"

#include <algorithm>
#include <set>

namespace tenon {

namespace {
constexpr std::size_t kMostCombinations = 64;  // of one implementation; more would only cost measuring time
constexpr abi::Layout kLayouts[] = {abi::Layout::linear,   abi::Layout::channelsLast, abi::Layout::blocked16,
                                    abi::Layout::blocked8, abi::Layout::blocked4,     abi::Layout::blocked32};

bool hasBit(std::uint64_t mask, std::size_t i) { return i < 64 && ((mask >> i) & 1U) != 0; }

std::string layoutsText(const std::vector<Format>& formats) {
    std::string s;
    for (const Format& f : formats)
        s += (s.empty() ? "" : ",") + std::string(layoutName(f.layout));
    return s;
}

// The range as one descriptor: -1 where it varies.
abi::DynamicTensorDesc describe(DataType type, const ShapeRange& range, const Format& format) {
    if (type == DataType::undefined) return fixedDesc(absentDesc());
    Dims dims = range.opt;
    for (std::size_t i = 0; i < dims.size(); ++i)
        if (i >= range.min.size() || range.min[i] != range.max[i]) dims[i] = -1;
    return {makeDesc(type, dims, format.layout, format.location), abiDims(range.min), abiDims(range.opt), abiDims(range.max)};
}

std::vector<abi::DynamicTensorDesc> describeAll(const std::vector<DataType>& types, const std::vector<ShapeRange>& ranges,
                                                const std::vector<Format>& formats) {
    std::vector<abi::DynamicTensorDesc> all;
    for (std::size_t i = 0; i < types.size(); ++i)
        all.push_back(describe(types[i], ranges[i], formats[i]));
    return all;
}

// Enumerates format combinations of one plugin by depth-first search, as the boundary defines it: position by position.
class FormatSearch {
public:
    FormatSearch(const LayerInstance& instance, const CreatorRecord& creator, const abi::IPlugin& plugin)
        : instance_(instance),
          creator_(creator),
          plugin_(plugin),
          inputs_(instance.inputTypes.size()),
          total_(inputs_ + instance.outputTypes.size()),
          formats_(total_),
          descs_(total_) {
        for (std::size_t i = 0; i < total_; ++i)
            descs_[i] = describe(type(i), range(i), Format{}).desc;
    }
    std::vector<std::vector<Format>> operator()() {
        extend(0);
        return std::move(found_);
    }
    // The first position no format was accepted for.
    std::string deepest() const {
        if (deepest_ >= total_) return "";
        const bool isInput = deepest_ < inputs_;
        return std::string(isInput ? "input " : "output ") + std::to_string(isInput ? deepest_ : deepest_ - inputs_) +
               " of type " + typeName(type(deepest_)) + ", rank " + std::to_string(descs_[deepest_].dims.rank) +
               " is taken in no format";
    }

private:
    DataType type(std::size_t pos) const {
        return pos < inputs_ ? instance_.inputTypes[pos] : instance_.outputTypes[pos - inputs_];
    }
    const ShapeRange& range(std::size_t pos) const {
        return pos < inputs_ ? instance_.inputRanges[pos] : instance_.outputRanges[pos - inputs_];
    }
    bool isLinearOnly(std::size_t pos) const {
        return type(pos) == DataType::undefined || descs_[pos].dims.rank < 3 || !instance_.shapesKnown ||
               (pos < inputs_ && (instance_.problem.inputs[pos].isConstant || hasBit(creator_.shapeInputs, pos)));
    }
    abi::Location location(std::size_t pos) const {
        const bool host = creator_.device == "cpu" || (pos < inputs_ && hasBit(creator_.shapeInputs, pos));
        return host ? abi::Location::host : abi::Location::device;
    }

    void extend(std::size_t pos) {
        deepest_ = std::max(deepest_, pos);
        if (pos == total_) {
            found_.push_back(formats_);
            return;
        }
        for (const abi::Layout layout : kLayouts) {
            if (layout != abi::Layout::linear && isLinearOnly(pos)) break;
            if (found_.size() >= kMostCombinations) return;
            formats_[pos] = {layout, type(pos) == DataType::undefined ? abi::Location::host : location(pos)};
            descs_[pos].layout = layout;
            descs_[pos].location = formats_[pos].location;
            if (plugin_.supportsFormatCombination(static_cast<std::int32_t>(pos), descs_.data(),
                                                  static_cast<std::int32_t>(inputs_),
                                                  static_cast<std::int32_t>(total_ - inputs_)))
                extend(pos + 1);
        }
    }

    const LayerInstance& instance_;
    const CreatorRecord& creator_;
    const abi::IPlugin& plugin_;
    std::size_t inputs_, total_, deepest_ = 0;
    std::vector<Format> formats_;
    std::vector<abi::TensorDesc> descs_;
    std::vector<std::vector<Format>> found_;
};

void configure(abi::IPlugin& plugin, const LayerInstance& instance, const Candidate& c) {
    const auto in = instance.inputDescs(c), out = instance.outputDescs(c);
    const abi::LayerDescs descs{in.data(), out.data(), static_cast<std::int32_t>(in.size()),
                                static_cast<std::int32_t>(out.size())};
    takePluginMessage();
    const abi::Status status = plugin.configurePlugin(&descs);
    if (status != abi::Status::ok) throw Error(ErrorCode::unsupported, pluginMessage(status));
}

// A pin is "implementation" or "Operator=implementation".
bool isNamed(const std::set<std::string>& names, const LayerInstance& instance, const CreatorRecord& creator) {
    return names.contains(creator.implementation) ||
           names.contains(instance.layer.qualifiedName() + "=" + creator.implementation);
}

class Lister {
public:
    Lister(const LayerInstance& instance, const Registry& registry, const BuilderOptions& options, const std::string& device)
        : instance_(instance), registry_(registry), options_(options), device_(device) {}

    CandidateList operator()() {
        for (const CreatorRecord* creator : creatorsFor(registry_, instance_.layer, &list_.declined)) {
            if (creator->device != device_) continue;
            if (isNamed(options_.forbid, instance_, *creator)) decline(*creator, "forbidden by the options");
            else tryCreator(*creator);
        }
        keepPinned();
        return std::move(list_);
    }

private:
    void decline(const CreatorRecord& creator, const std::string& why) {
        list_.declined.push_back(creator.implementation + ": " + why);
    }

    void tryCreator(const CreatorRecord& creator) {
        try {
            const PluginPtr plugin = createPlugin(registry_, creator, instance_.layer);
            FormatSearch search(instance_, creator, *plugin);
            const auto combinations = search();
            if (combinations.empty()) decline(creator, search.deepest());
            for (const auto& formats : combinations)
                tryFormats(creator, *plugin, formats);
        } catch (const Error& e) {
            decline(creator, e.what());
        }
    }

    void tryFormats(const CreatorRecord& creator, const abi::IPlugin& prototype, const std::vector<Format>& formats) {
        const auto inputs = static_cast<std::ptrdiff_t>(instance_.inputTypes.size());
        Candidate c{&creator, {formats.begin(), formats.begin() + inputs}, {formats.begin() + inputs, formats.end()}, "", -1,
                    false};
        try {
            const PluginPtr plugin(prototype.clone());
            if (!plugin) throw Error(ErrorCode::pluginFailure, "clone failed: " + pluginMessage(abi::Status::outOfMemory));
            if (instance_.shapesKnown) configure(*plugin, instance_, c);
            addTactics(*plugin, c);
        } catch (const Error& e) {
            decline(creator, c.formats() + ": " + e.what());
        }
    }

    void addTactics(abi::IPlugin& plugin, Candidate c) {
        auto* tactics = instance_.shapesKnown ? static_cast<abi::ITactics*>(plugin.extension(abi::ITactics::kId)) : nullptr;
        if (tactics == nullptr) {
            add(plugin, c);
            return;
        }
        std::vector<std::pair<std::string, std::string>> names;  // name, reason
        for (int i = 0; i < tactics->tacticCount(); ++i) {
            const char* reason = tactics->declineReason(i);
            names.emplace_back(tactics->tacticName(i), reason == nullptr ? "" : reason);
        }
        for (const auto& [name, reason] : names) {
            c.tactic = name;
            if (!reason.empty()) decline(*c.creator, c.formats() + " " + name + ": " + reason);
            else if (tactics->setTactic(name.c_str()) != abi::Status::ok)
                decline(*c.creator, c.formats() + " " + name + ": " + takePluginMessage());
            else add(plugin, c);
        }
    }

    void add(const abi::IPlugin& plugin, const Candidate& c) {
        const std::uint64_t workspace = instance_.shapesKnown ? plugin.getWorkspaceSize() : 0;
        if (workspace > options_.workspaceLimit)
            decline(*c.creator, c.formats() + " " + c.tactic + ": needs " + std::to_string(workspace) +
                                    " bytes of workspace, the limit is " + std::to_string(options_.workspaceLimit));
        else list_.candidates.push_back(c);
    }

    // Where a pinned implementation offers the layer, the others go.
    void keepPinned() {
        const auto pinned = [&](const Candidate& c) { return isNamed(options_.pin, instance_, *c.creator); };
        if (std::none_of(list_.candidates.begin(), list_.candidates.end(), pinned)) return;
        std::erase_if(list_.candidates, [&](const Candidate& c) { return !pinned(c); });
    }

    const LayerInstance& instance_;
    const Registry& registry_;
    const BuilderOptions& options_;
    const std::string& device_;
    CandidateList list_;
};
}  // namespace

std::string Candidate::formats() const { return layoutsText(inputs) + "->" + layoutsText(outputs); }
std::string Candidate::name() const { return creator->implementation + " " + formats() + (tactic.empty() ? "" : " " + tactic); }

std::vector<abi::DynamicTensorDesc> LayerInstance::inputDescs(const Candidate& c) const {
    return describeAll(inputTypes, inputRanges, c.inputs);
}
std::vector<abi::DynamicTensorDesc> LayerInstance::outputDescs(const Candidate& c) const {
    return describeAll(outputTypes, outputRanges, c.outputs);
}

LayerInstance instanceOf(const BoundGraph& bound, std::size_t index) {
    const Graph& graph = *bound.graph;
    LayerInstance in;
    in.layer = graph.layers[index];
    in.problem = {in.layer.domain, in.layer.op, in.layer.opsetVersion, in.layer.attributes, {}, {}};
    const auto range = [&](int id) {
        const auto i = static_cast<std::size_t>(id);
        const bool known = bound.min[i] && bound.opt[i] && bound.max[i];
        in.shapesKnown = in.shapesKnown && known;
        return known ? ShapeRange{*bound.min[i], *bound.opt[i], *bound.max[i]} : ShapeRange{};
    };
    for (std::size_t k = 0; k < in.layer.inputs.size(); ++k) {
        const int id = in.layer.inputs[k];
        in.inputTypes.push_back(id < 0 ? DataType::undefined : graph.tensors[static_cast<std::size_t>(id)].type);
        in.inputRanges.push_back(id < 0 ? ShapeRange{} : range(id));
        in.inputContent.emplace_back();
        ProblemInput p{in.inputTypes.back(), in.inputRanges.back().opt, false, std::nullopt,
                       hasBit(bound.layers[index].creator->shapeInputs, k)};
        if (id >= 0) {
            const Tensor& t = graph.tensors[static_cast<std::size_t>(id)];
            p.isConstant = t.constant.has_value();
            if (t.constant) in.inputContent.back() = t.constant;
            else if (const auto c = bound.knownContent.find(id); c != bound.knownContent.end())
                in.inputContent.back() = c->second;
            p.content = in.inputContent.back();
        }
        p.showContent = p.showContent && p.content && (sdk::numeric | sdk::boolean).has(p.type);
        in.problem.inputs.push_back(std::move(p));
    }
    for (const int id : in.layer.outputs) {
        in.outputTypes.push_back(id < 0 ? DataType::undefined : graph.tensors[static_cast<std::size_t>(id)].type);
        in.outputRanges.push_back(id < 0 ? ShapeRange{} : range(id));
        in.problem.outputs.push_back(id >= 0);
    }
    return in;
}

LayerInstance instanceOf(const Problem& problem, PassContext& context) {
    LayerInstance in;
    in.layer = problem.layer();
    in.problem = problem;
    const CreatorRecord* creator = nullptr;
    std::vector<std::string> reasons;
    const PluginPtr plugin = shapePlugin(in.layer, context, &creator, &reasons);
    if (!plugin) throw Error(ErrorCode::unsupported, explainMissing(context.registry, in.layer, reasons));
    std::vector<KnownTensor> known;
    for (const ProblemInput& p : problem.inputs) {
        in.inputTypes.push_back(p.type);
        in.inputRanges.push_back({p.dims, p.dims, p.dims});
        in.inputContent.push_back(p.content);
        known.push_back({p.type, p.dims, p.content ? p.content->data.data() : nullptr});
    }
    in.outputTypes = queryTypes(*plugin, in.inputTypes, problem.outputs.size(), in.layer.source);
    for (std::size_t i = 0; i < problem.outputs.size(); ++i)
        if (!problem.outputs[i]) in.outputTypes[i] = DataType::undefined;
    for (const auto& dims : queryDims(*plugin, known, in.outputTypes, creator->shapeInputs, in.layer.source)) {
        in.shapesKnown = in.shapesKnown && dims.has_value();
        in.outputRanges.push_back(dims ? ShapeRange{*dims, *dims, *dims} : ShapeRange{});
    }
    return in;
}

CandidateList listCandidates(const LayerInstance& instance, const Registry& registry, const BuilderOptions& options,
                             const std::string& device) {
    return Lister(instance, registry, options, device)();
}

PluginPtr configuredPlugin(const LayerInstance& instance, const Candidate& candidate, const Registry& registry) {
    PluginPtr plugin = createPlugin(registry, *candidate.creator, instance.layer);
    if (!candidate.tactic.empty()) {
        auto* tactics = static_cast<abi::ITactics*>(plugin->extension(abi::ITactics::kId));
        if (tactics == nullptr || tactics->setTactic(candidate.tactic.c_str()) != abi::Status::ok)
            throw Error(ErrorCode::pluginFailure, candidate.name() + ": tactic refused: " + takePluginMessage());
    }
    configure(*plugin, instance, candidate);
    return plugin;
}

}  // namespace tenon
