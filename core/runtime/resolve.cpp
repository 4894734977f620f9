// What prepare does: concrete shapes, the shape phase, configuration, memory.
#include <tenon/abi/extensions.h>
#include <tenon/error.h>
#include <tenon/logger.h>

#include "context.h"
#include "host_run.h"
#include "tensor_desc.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace tenon {

namespace {
bool hasBit(std::uint64_t mask, std::size_t i) { return i < 64 && ((mask >> i) & 1U) != 0; }

bool sameDesc(const abi::DynamicTensorDesc& a, const abi::DynamicTensorDesc& b) {
    const auto sameDims = [](const abi::Dims& x, const abi::Dims& y) {
        return x.rank == y.rank && std::equal(x.d, x.d + x.rank, y.d);
    };
    return a.desc.type == b.desc.type && a.desc.layout == b.desc.layout && a.desc.location == b.desc.location &&
           sameDims(a.desc.dims, b.desc.dims);
}
}  // namespace

void ContextImpl::setState(int tensor, const Dims& dims) {
    const auto& t = plan().tensors(tensor);
    State& s = state(tensor);
    s.dims = dims;
    s.desc = makeDesc(static_cast<DataType>(t.type()), dims, static_cast<abi::Layout>(t.layout()),
                      static_cast<abi::Location>(t.location()));
    if (s.desc.layout != abi::Layout::opaque) storageBytes(s.desc);  // throws when it overflows
}

void ContextImpl::resolveInputs() {
    std::map<std::string, std::pair<std::int64_t, std::string>> named;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        const IoInfo& info = engine_->inputs[i];
        if (!inputs_[i].dims && info.rankKnown && info.range.min == info.range.max) inputs_[i].dims = info.range.opt;
        if (!inputs_[i].dims)
            throw Error(ErrorCode::badInput, "input '" + info.name + "' has dimensions that vary; call setInputShape first");
        if (info.isShapeInput && inputs_[i].data == nullptr && elementCount(*inputs_[i].dims) > 0)
            throw Error(ErrorCode::badInput, "the content of input '" + info.name + "' decides shapes; call setInput first");
        for (std::size_t d = 0; d < info.dims.size(); ++d) {
            if (!info.dims[d].isNamed() || info.dims[d].name() == "?") continue;
            const std::int64_t n = (*inputs_[i].dims)[d];
            const auto [known, isNew] = named.try_emplace(info.dims[d].name(), n, info.name);
            if (!isNew && known->second.first != n)
                throw Error(ErrorCode::badInput,
                            fmt::format("dimension '{}' is {} in input '{}' but {} in input '{}'", known->first,
                                        known->second.first, known->second.second, n, info.name));
        }
        const int tensor = plan().inputs(static_cast<int>(i)).tensor();
        setState(tensor, *inputs_[i].dims);
        state(tensor).data = inputs_[i].data;
    }
}

void ContextImpl::resolveLayers() {
    for (int i = 0; i < plan().tensors_size(); ++i) {
        if (plan().tensors(i).weight() == 0) continue;
        setState(i, Dims(plan().tensors(i).dims().d().begin(), plan().tensors(i).dims().d().end()));
        state(i).data = engine_->constants[static_cast<std::size_t>(i)];
    }
    for (std::size_t l = 0; l < engine_->layers.size(); ++l) {
        const proto::Layer& layer = *engine_->layers[l].description;
        if (layer.kind() != proto::Layer::PLUGIN) setState(layer.outputs(0), state(layer.inputs(0)).dims);
        else if (layer.shape_phase()) runShapePhase(l);
        else inferStep(l);
    }
}

// Runs a layer now, on the host; its outputs stay until the next prepare.
void ContextImpl::runShapePhase(std::size_t l) {
    const EngineLayer& layer = engine_->layers[l];
    std::vector<TensorValue> in;
    for (int k = 0; k < layer.description->inputs_size(); ++k) {
        const int id = layer.description->inputs(k);
        if (id < 0) {
            in.emplace_back();
            continue;
        }
        const State& s = state(id);
        if (s.data == nullptr && elementCount(s.dims) > 0 && !hasBit(layer.creator->dimsOnlyInputs, static_cast<std::size_t>(k)))
            throw Error(ErrorCode::badInput, "plan: " + layer.who + " computes shapes from '" + plan().tensors(id).name() +
                                                 "', which is not known then");
        in.push_back({s.desc.type, s.dims, Blob::view(s.data, s.data == nullptr ? 0 : storageBytes(s.desc), nullptr)});
    }
    std::vector<bool> wanted;
    for (const int out : layer.description->outputs())
        wanted.push_back(out >= 0);
    auto values = runOnHost(*plugins_[l], *layer.creator, in, wanted, layer.who);
    for (int k = 0; k < layer.description->outputs_size(); ++k) {
        const int id = layer.description->outputs(k);
        if (id < 0) continue;
        TensorValue& v = values[static_cast<std::size_t>(k)];
        if (static_cast<int>(v.type) != plan().tensors(id).type())
            throw Error(ErrorCode::badInput, "plan: " + layer.who + " answers another type than the plan says");
        setState(id, v.dims);
        state(id).content = std::move(v);
        state(id).data = state(id).content.data.data();
    }
}

void ContextImpl::inferStep(std::size_t l) {
    const EngineLayer& layer = engine_->layers[l];
    std::vector<KnownTensor> in;
    for (int k = 0; k < layer.description->inputs_size(); ++k) {
        const int id = layer.description->inputs(k);
        if (id < 0) in.emplace_back();
        else
            in.push_back({state(id).desc.type, state(id).dims,
                          isDevice(id) || state(id).desc.layout == abi::Layout::opaque ? nullptr : state(id).data});
    }
    std::vector<DataType> types;
    for (const int id : layer.description->outputs())
        types.push_back(id < 0 ? DataType::undefined : static_cast<DataType>(plan().tensors(id).type()));
    const auto dims = queryDims(*plugins_[l], in, types, layer.creator->shapeInputs, layer.who);
    for (int k = 0; k < layer.description->outputs_size(); ++k) {
        const int id = layer.description->outputs(k);
        if (id < 0) continue;
        if (!dims[static_cast<std::size_t>(k)])
            throw Error(ErrorCode::pluginFailure, layer.who + ": the shape of '" + plan().tensors(id).name() +
                                                      "' stays unknown although all inputs are known");
        setState(id, *dims[static_cast<std::size_t>(k)]);
        state(id).data = nullptr;
    }
}

// Configures the layer's plugin unless it is so already; true when it was needed.
bool ContextImpl::configure(std::size_t l, Step& step) {
    std::vector<abi::DynamicTensorDesc> all;
    for (const auto& d : step.inputDescs)
        all.push_back(fixedDesc(d));
    for (const auto& d : step.outputDescs)
        all.push_back(fixedDesc(d));
    if (all.size() == configured_[l].size() && std::equal(all.begin(), all.end(), configured_[l].begin(), sameDesc)) return false;
    const abi::LayerDescs descs{all.data(), all.data() + step.inputDescs.size(),
                                static_cast<std::int32_t>(step.inputDescs.size()),
                                static_cast<std::int32_t>(step.outputDescs.size())};
    configured_[l].clear();
    takePluginMessage();
    const abi::Status status = step.plugin->configurePlugin(&descs);
    if (status != abi::Status::ok)
        throw Error(ErrorCode::unsupported, engine_->layers[l].who + ": " + engine_->layers[l].info.implementation +
                                                " does not take these shapes: " + pluginMessage(status));
    configured_[l] = std::move(all);
    return true;
}

void ContextImpl::configureSteps() {
    steps_.clear();
    bool copiesPending = false;  // copies to the host since the last wait
    for (std::size_t l = 0; l < engine_->layers.size(); ++l) {
        const EngineLayer& layer = engine_->layers[l];
        if (layer.description->shape_phase()) continue;
        Step step;
        step.layer = l;
        step.plugin = plugins_[l].get();
        for (const int id : layer.description->inputs())
            step.inputDescs.push_back(id < 0 ? absentDesc() : state(id).desc);
        for (const int id : layer.description->outputs())
            step.outputDescs.push_back(id < 0 ? absentDesc() : state(id).desc);
        step.inputs.resize(step.inputDescs.size());
        step.outputs.resize(step.outputDescs.size());
        if (step.plugin == nullptr) {
            const bool toHost = layer.description->kind() == proto::Layer::COPY_TO_HOST;
            step.copyKind = toHost ? abi::CopyKind::deviceToHost : abi::CopyKind::hostToDevice;
            step.copyBytes = storageBytes(step.outputDescs[0]);
            copiesPending = copiesPending || toHost;
        } else {
            configure(l, step);
            if (copiesPending && layer.info.device == "cpu") {
                step.waits = true;
                copiesPending = false;
            }
        }
        steps_.push_back(std::move(step));
    }
}

std::map<int, int> ContextImpl::lastUses() const {
    std::map<int, int> last;
    for (std::size_t s = 0; s < steps_.size(); ++s)
        for (const int id : engine_->layers[steps_[s].layer].description->inputs())
            if (id >= 0) last[id] = static_cast<int>(s);
    for (const auto& io : plan().outputs())
        last[io.tensor()] = static_cast<int>(steps_.size());
    return last;
}

// The input whose memory the output may take over, or -1.
int ContextImpl::aliasOf(const Step& step, std::size_t output, const std::map<int, int>& lastUse, int stepIndex) {
    auto* alias = step.plugin == nullptr ? nullptr : static_cast<abi::IAlias*>(step.plugin->extension(abi::IAlias::kId));
    const proto::Layer& layer = *engine_->layers[step.layer].description;
    const int in = alias == nullptr ? -1 : alias->aliasedInput(static_cast<std::int32_t>(output));
    if (in < 0 || in >= layer.inputs_size() || layer.inputs(in) < 0) return -1;
    const int id = layer.inputs(in);
    const State& s = state(id);
    const State& o = state(layer.outputs(static_cast<int>(output)));
    if (s.buffer < 0 || s.desc.location != o.desc.location || s.desc.layout == abi::Layout::opaque ||
        storageBytes(s.desc) != storageBytes(o.desc))
        return -1;
    if (alias->isView(static_cast<std::int32_t>(output))) return id;
    for (const auto& [other, last] : lastUse)  // nobody else may still need the bytes
        if (state(other).buffer == s.buffer && isDevice(other) == isDevice(id) && last > stepIndex) return -1;
    return lastUse.at(id) == stepIndex && std::count(layer.inputs().begin(), layer.inputs().end(), id) == 1 ? id : -1;
}

void ContextImpl::assignBuffers(std::vector<PlannedBuffer>& host, std::vector<PlannedBuffer>& device) {
    const auto lastUse = lastUses();
    for (int t = 0; t < plan().tensors_size(); ++t)
        state(t).buffer = -1;
    workspaceOf_.clear();
    for (std::size_t s = 0; s < steps_.size(); ++s) {
        const Step& step = steps_[s];
        const proto::Layer& layer = *engine_->layers[step.layer].description;
        const int now = static_cast<int>(s);
        for (int k = 0; k < layer.outputs_size(); ++k) {
            const int id = layer.outputs(k);
            if (id < 0 || state(id).output >= 0) continue;
            auto& buffers = isDevice(id) ? device : host;
            const auto used = lastUse.find(id);
            const int last = used == lastUse.end() ? now : used->second;
            const int from = aliasOf(step, static_cast<std::size_t>(k), lastUse, now);
            if (from >= 0) {
                state(id).buffer = state(from).buffer;
                auto& shared = buffers[static_cast<std::size_t>(state(id).buffer)];
                shared.last = std::max(shared.last, last);
                continue;
            }
            state(id).buffer = static_cast<int>(buffers.size());
            buffers.push_back({storageBytes(state(id).desc), now, last, 0});
        }
        const std::size_t workspace = step.plugin == nullptr ? 0 : step.plugin->getWorkspaceSize();
        auto& buffers = engine_->layers[step.layer].info.device == "cpu" ? host : device;
        workspaceOf_.emplace_back(buffers.size(), workspace);
        if (workspace > 0) buffers.push_back({workspace, now, now, 0});
    }
}

// An output that a main-phase step writes, and nobody else's, is written where the user wants it.
void ContextImpl::bindOutputs() {
    for (int t = 0; t < plan().tensors_size(); ++t)
        state(t).output = -1;
    std::vector<bool> produced(states_.size());
    for (const Step& step : steps_)
        for (const int id : engine_->layers[step.layer].description->outputs())
            if (id >= 0) produced[static_cast<std::size_t>(id)] = true;
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        const int id = plan().outputs(static_cast<int>(i)).tensor();
        outputs_[i].isDirect = produced[static_cast<std::size_t>(id)] && state(id).output < 0 && !isDevice(id);
        if (outputs_[i].isDirect) state(id).output = static_cast<int>(i);
    }
}

void ContextImpl::planMemory() {
    bindOutputs();
    hostBuffers_.clear();
    deviceBuffers_.clear();
    assignBuffers(hostBuffers_, deviceBuffers_);
    const ArenaPlan host = planArena(hostBuffers_, 64), device = planArena(deviceBuffers_, 256);
    if (hostArena_.data() == nullptr || host.size > hostArena_.size()) hostArena_ = Memory(nullptr, host.size);
    if (engine_->device != nullptr && (deviceArena_.data() == nullptr || device.size > deviceArena_.size()))
        deviceArena_ = Memory(engine_->device, device.size);
    report_ = {host.size, device.size, host.lowerBound + device.lowerBound, engine_->hostWeightBytes, engine_->deviceWeightBytes};
    log(LogLevel::info, LogTopic::memory,
        fmt::format("arena {} bytes on the host, {} on the device; lower bound {}", host.size, device.size, report_.lowerBound));
    point();
}

// Gives every step its addresses, and remembers those that bindings change.
void ContextImpl::point() {
    for (auto& slots : inputSlots_)
        slots.clear();
    for (auto& slots : outputSlots_)
        slots.clear();
    std::map<int, std::size_t> inputOf;
    for (std::size_t i = 0; i < inputs_.size(); ++i)
        inputOf[plan().inputs(static_cast<int>(i)).tensor()] = i;
    const auto addressOf = [&](int id) -> void* {
        State& s = state(id);
        if (s.output >= 0) return outputMemory(static_cast<std::size_t>(s.output));
        if (s.buffer < 0) return const_cast<void*>(s.data);
        const auto& buffers = isDevice(id) ? deviceBuffers_ : hostBuffers_;
        return (isDevice(id) ? deviceArena_ : hostArena_).at(buffers[static_cast<std::size_t>(s.buffer)].offset);
    };
    for (std::size_t s = 0; s < steps_.size(); ++s) {
        Step& step = steps_[s];
        const proto::Layer& layer = *engine_->layers[step.layer].description;
        for (int k = 0; k < layer.inputs_size(); ++k) {
            const int id = layer.inputs(k);
            if (id < 0) continue;
            const void** slot = &step.inputs[static_cast<std::size_t>(k)];
            *slot = addressOf(id);
            if (const auto in = inputOf.find(id); in != inputOf.end()) inputSlots_[in->second].push_back(slot);
            if (state(id).output >= 0)
                outputSlots_[static_cast<std::size_t>(state(id).output)].push_back(const_cast<void**>(slot));
        }
        for (int k = 0; k < layer.outputs_size(); ++k) {
            const int id = layer.outputs(k);
            if (id < 0) continue;
            void** slot = &step.outputs[static_cast<std::size_t>(k)];
            *slot = addressOf(id);
            if (state(id).output >= 0) outputSlots_[static_cast<std::size_t>(state(id).output)].push_back(slot);
        }
        const auto [buffer, bytes] = workspaceOf_[s];
        const bool onDevice = engine_->layers[step.layer].info.device != "cpu";
        void* workspace =
            bytes == 0 ? nullptr
                       : (onDevice ? deviceArena_ : hostArena_).at((onDevice ? deviceBuffers_ : hostBuffers_)[buffer].offset);
        step.args = {step.inputDescs.data(),
                     step.outputDescs.data(),
                     step.inputs.data(),
                     step.outputs.data(),
                     workspace,
                     bytes,
                     stream_.handle(),
                     static_cast<std::int32_t>(step.inputs.size()),
                     static_cast<std::int32_t>(step.outputs.size())};
    }
}

}  // namespace tenon
