#include "assembler.h"

#include <tenon/abi/extensions.h>
#include <tenon/error.h>

#include "nested_plan.h"
#include "runtime/nested_graph.h"
#include "runtime/shape_query.h"
#include "runtime/tensor_desc.h"
#include "string_weights.h"

namespace tenon {

namespace {
constexpr Format kHostLinear{};
}

Assembler::Assembler(const BoundGraph& bound, const Registry& registry, Tuner& tuner, const BuilderOptions& options)
    : bound_(bound), graph_(*bound.graph), registry_(registry), tuner_(tuner), options_(options) {}

PlanContents Assembler::operator()(const std::vector<Decision>& decisions, const std::string& device) {
    plan_.description.set_name(graph_.name);
    plan_.description.set_device(device);
    plan_.description.set_captured_inputs(graph_.capturedCount);
    for (const int in : graph_.inputs) {
        places_[{in, kHostLinear}] = addTensor(tensor(in), tensor(in).name, kHostLinear);
        home_[in] = kHostLinear;
    }
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        if (bound_.layers[i].inShapePhase) addShapePhaseLayer(i, decisions[i]);
        else addLayer(i, decisions[i]);
    }
    bindIo();
    return std::move(plan_);
}

int Assembler::addTensor(const Tensor& t, const std::string& name, const Format& format) {
    proto::Tensor* out = plan_.description.add_tensors();
    out->set_name(name);
    out->set_type(static_cast<int>(t.type));
    out->set_layout(static_cast<int>(format.layout));
    out->set_location(static_cast<int>(format.location));
    out->set_shape(toString(t.shape));
    return plan_.description.tensors_size() - 1;
}

int Assembler::weightOf(int id) {
    const auto [slot, isNew] = weights_.try_emplace(id, 0);
    const TensorValue& value = *tensor(id).constant;
    if (isNew) slot->second = addWeight(value.type == DataType::string ? packStrings(value) : value.data);
    return slot->second;
}

// Index of the weight with these bytes; what several constants share, nested ones too, is stored once.
int Assembler::addWeight(const Blob& bytes) {
    const auto [slot, isNew] = shared_.try_emplace({bytes.data(), bytes.size()}, static_cast<int>(plan_.weights.size()));
    if (isNew) plan_.weights.push_back(bytes);
    return slot->second;
}

namespace {
// Calls body with every weight number of the plan and the plans inside it.
template <class F>
void forWeights(proto::Plan& plan, const F& body) {
    for (auto& t : *plan.mutable_tensors())
        if (t.weight() > 0) t.set_weight(body(t.weight() - 1) + 1);
    for (auto& layer : *plan.mutable_layers())
        for (auto& nested : *layer.mutable_nested())
            forWeights(*nested.mutable_plan(), body);
}
}  // namespace

void Assembler::addNested(const Layer& layer, const abi::IPlugin& plugin,
                          const std::vector<std::shared_ptr<abi::ISubgraph>>& nested, proto::Layer& out) {
    std::vector<DataType> types;
    for (const int id : layer.inputs)
        types.push_back(id < 0 ? DataType::undefined : tensor(id).type);
    if (!nested.empty()) queryTypes(plugin, types, layer.outputs.size(), layer.source);  // tells the networks their types
    for (std::size_t i = 0; i < nested.size(); ++i) {
        if (nested[i] == nullptr) continue;
        PlanContents inner = buildNestedPlan(static_cast<const NestedGraph&>(*nested[i]).typed(), registry_, options_);
        forWeights(inner.description, [&](int w) { return addWeight(inner.weights[static_cast<std::size_t>(w)]); });
        auto* entry = out.add_nested();
        entry->set_index(static_cast<int>(i));
        *entry->mutable_plan() = std::move(inner.description);
    }
}

int Assembler::constantTensor(int id, const Format& format) {
    const auto [slot, isNew] = places_.try_emplace({id, format}, 0);
    if (!isNew) return slot->second;
    slot->second = addTensor(tensor(id), tensor(id).name, format);
    proto::Tensor* out = plan_.description.mutable_tensors(slot->second);
    out->set_weight(weightOf(id) + 1);
    for (const std::int64_t d : tensor(id).constant->dims)
        out->mutable_dims()->add_d(d);
    return slot->second;
}

int Assembler::packedConstant(int id, const Blob& packed, const Format& format) {
    const int index = addTensor(tensor(id), tensor(id).name + " (packed)", {abi::Layout::opaque, format.location});
    plan_.weights.push_back(packed);
    proto::Tensor* out = plan_.description.mutable_tensors(index);
    out->set_weight(static_cast<int>(plan_.weights.size()));
    for (const std::int64_t d : tensor(id).constant->dims)
        out->mutable_dims()->add_d(d);
    return index;
}

// The plan tensor that holds a graph tensor in this format; conversions are added once and shared.
int Assembler::inFormat(int id, const Format& format) {
    if (tensor(id).constant) return constantTensor(id, format);
    if (const auto found = places_.find({id, format}); found != places_.end()) return found->second;
    Format from = home_.at(id);
    if (from.location != format.location) {  // copies move linear tensors
        if (from.layout != abi::Layout::linear) inFormat(id, {abi::Layout::linear, from.location});
        from.layout = abi::Layout::linear;
        const Format moved{abi::Layout::linear, format.location};
        if (!places_.contains({id, moved})) {
            const int source = places_.at({id, from});
            const int target = addTensor(
                tensor(id), tensor(id).name + (format.location == abi::Location::device ? " (device)" : " (host)"), moved);
            proto::Layer* copy = plan_.description.add_layers();
            copy->set_kind(format.location == abi::Location::device ? proto::Layer::COPY_TO_DEVICE : proto::Layer::COPY_TO_HOST);
            copy->set_name("copy " + tensor(id).name);
            copy->add_inputs(source);
            copy->add_outputs(target);
            places_[{id, moved}] = target;
        }
        from = moved;
    }
    return from == format ? places_.at({id, format}) : convertOnce(id, from, format);
}

int Assembler::convertOnce(int id, const Format& from, const Format& to) {
    const auto& dims = bound_.opt[static_cast<std::size_t>(id)];
    const Candidate* c = dims ? tuner_.reformat(tensor(id).type, *dims, from, to) : nullptr;
    if (c == nullptr)
        throw Error(ErrorCode::unsupported, std::string("no implementation of ") + abi::kReformatDomain +
                                                "::" + abi::kReformatName + " converts '" + tensor(id).name + "' from " +
                                                layoutName(from.layout) + " to " + layoutName(to.layout));
    Layer layer;
    layer.name = "reformat " + tensor(id).name + " to " + layoutName(to.layout);
    layer.source = layer.name;
    layer.domain = abi::kReformatDomain;
    layer.op = abi::kReformatName;
    layer.inputs = {0};
    layer.outputs = {1};
    const PluginPtr plugin = createPlugin(registry_, *c->creator, layer);
    proto::Layer& out = pluginLayer(layer, *c->creator, plugin);
    out.set_tactic(c->tactic);
    out.add_inputs(places_.at({id, from}));
    const int target = addTensor(tensor(id), tensor(id).name + " (" + layoutName(to.layout) + ")", to);
    out.add_outputs(target);
    places_[{id, to}] = target;
    return target;
}

proto::Layer& Assembler::pluginLayer(const Layer& layer, const CreatorRecord& creator, const PluginPtr& plugin) {
    const auto [library, isNew] = libraries_.try_emplace(creator.library, plan_.description.libraries_size());
    if (isNew) {
        const LibraryRecord& record = registry_.libraries()[static_cast<std::size_t>(creator.library)];
        proto::Library* out = plan_.description.add_libraries();
        out->set_name(record.name);
        out->set_version(record.version);
        out->set_digest(registry_.digest(creator.library));
    }
    proto::Layer* out = plan_.description.add_layers();
    out->set_name(layer.name);
    out->set_domain(layer.domain);
    out->set_op(layer.op);
    out->set_opset(layer.opsetVersion);
    out->set_source(layer.source);
    out->set_implementation(creator.implementation);
    out->set_version(creator.version);
    out->set_plugin_namespace(creator.pluginNamespace);
    out->set_library(library->second);
    const auto bytes = serializePlugin(*plugin);
    out->set_plugin(bytes.data(), bytes.size());
    addNested(layer, *plugin, plugin.get_deleter().nested, *out);
    return *out;
}

void Assembler::produce(const Layer& layer, const std::vector<Format>& formats, proto::Layer& out) {
    for (std::size_t k = 0; k < layer.outputs.size(); ++k) {
        const int id = layer.outputs[k];
        const Format format = formats.empty() ? kHostLinear : formats[k];
        const int index = id < 0 ? -1 : addTensor(tensor(id), tensor(id).name, format);
        out.add_outputs(index);
        if (id < 0) continue;
        places_[{id, format}] = index;
        home_[id] = format;
    }
}

void Assembler::addShapePhaseLayer(std::size_t index, const Decision& decision) {
    const Layer& layer = graph_.layers[index];
    const BoundLayer& b = bound_.layers[index];
    const bool isChosen = decision.candidate != nullptr;
    const CreatorRecord& creator = isChosen ? *decision.candidate->creator : *b.creator;
    const PluginPtr chosen = isChosen ? createPlugin(registry_, creator, layer) : nullptr;
    std::vector<int> inputs;
    for (const int id : layer.inputs)
        inputs.push_back(id < 0 ? -1 : inFormat(id, kHostLinear));
    proto::Layer& out = pluginLayer(layer, creator, isChosen ? chosen : b.plugin);
    if (isChosen) out.set_tactic(decision.candidate->tactic);
    out.set_shape_phase(true);
    out.set_data_dependent((creator.flags & abi::kDataDependentShape) != 0);
    for (const int in : inputs)
        out.add_inputs(in);
    produce(layer, {}, out);
}

void Assembler::addLayer(std::size_t index, const Decision& decision) {
    const Layer& layer = graph_.layers[index];
    const Candidate& c = *decision.candidate;
    const PluginPtr plugin = decision.instance.shapesKnown ? configuredPlugin(decision.instance, c, registry_)
                                                           : createPlugin(registry_, *c.creator, layer);
    auto* prepack = decision.instance.shapesKnown ? static_cast<abi::IPrepack*>(plugin->extension(abi::IPrepack::kId)) : nullptr;
    std::vector<int> inputs;
    std::uint64_t packedMask = 0;
    for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
        const int id = layer.inputs[k];
        const std::size_t size =
            prepack != nullptr && id >= 0 && tensor(id).constant ? prepack->packedSize(static_cast<std::int32_t>(k)) : 0;
        if (size == 0) {
            inputs.push_back(id < 0 ? -1 : inFormat(id, c.inputs[k]));
            continue;
        }
        const TensorValue& value = *tensor(id).constant;
        Blob packed = Blob::allocate(size);
        const abi::TensorDesc desc = makeDesc(value.type, value.dims);
        const abi::Status status = prepack->pack(static_cast<std::int32_t>(k), &desc, value.data.data(), packed.mutableData());
        if (status != abi::Status::ok)
            throw Error(ErrorCode::pluginFailure, layer.source + ": " + c.name() + ": prepack: " + pluginMessage(status));
        inputs.push_back(packedConstant(id, packed, c.inputs[k]));
        packedMask |= std::uint64_t{1} << k;
    }
    proto::Layer& out = pluginLayer(layer, *c.creator, plugin);
    out.set_tactic(c.tactic);
    out.set_packed_inputs(packedMask);
    for (const int in : inputs)
        out.add_inputs(in);
    produce(layer, c.outputs, out);
}

void Assembler::bindIo() {
    const auto copyDims = [](const Dims& from, proto::Dims* to) {
        for (const std::int64_t d : from)
            to->add_d(d);
    };
    for (const int in : graph_.inputs) {
        proto::Io* io = plan_.description.add_inputs();
        io->set_name(tensor(in).name);
        io->set_tensor(places_.at({in, kHostLinear}));
        io->set_shape_input(bound_.shapeInput[static_cast<std::size_t>(in)]);
        const ShapeRange& range = bound_.inputRange.at(in);
        for (std::size_t i = 0; i < range.opt.size(); ++i) {
            const Expr* e = tensor(in).shape.rank < 0 ? nullptr : tensor(in).shape.dims[i];
            io->add_dims(e == nullptr ? "?" : e->toString());
        }
        io->set_rank_known(tensor(in).shape.rank >= 0 || !range.opt.empty());
        copyDims(range.min, io->mutable_min());
        copyDims(range.opt, io->mutable_opt());
        copyDims(range.max, io->mutable_max());
    }
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
        const int id = graph_.outputs[i];
        const int place = inFormat(id, kHostLinear);  // may add layers and tensors
        proto::Io* io = plan_.description.add_outputs();
        io->set_name(graph_.outputNames.size() > i ? graph_.outputNames[i] : tensor(id).name);
        io->set_tensor(place);
        io->set_rank_known(tensor(id).shape.rank >= 0);
        for (const Expr* e : tensor(id).shape.dims)
            io->add_dims(e == nullptr ? "?" : e->toString());
    }
}

}  // namespace tenon
