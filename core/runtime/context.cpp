// Bindings, prepare and enqueue; shapes and memory are in resolve.cpp.
#include "context.h"

#include <tenon/abi/extensions.h>
#include <tenon/error.h>
#include <tenon/logger.h>

#include "host_threads.h"
#include "nested_graph.h"
#include "tensor_desc.h"

#include <chrono>
#include <cstring>

namespace tenon {

namespace {
constexpr std::size_t kSeenBytes = 1 << 16;  // larger shape inputs are taken as changed each time

template <class List>
std::size_t indexOf(const List& list, const std::string& name, const char* kind) {
    std::string known;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i].name == name) return i;
        known += (i == 0 ? "" : ", ") + list[i].name;
    }
    throw Error(ErrorCode::badInput, std::string("the engine has no ") + kind + " named '" + name + "'; it has: " + known);
}
}  // namespace

std::unique_ptr<Context> makeContext(std::shared_ptr<const EngineData> engine) {
    return std::make_unique<ContextImpl>(std::move(engine));
}

ContextImpl::ContextImpl(std::shared_ptr<const EngineData> engine)
    : engine_(std::move(engine)),
      configured_(engine_->layers.size()),
      states_(static_cast<std::size_t>(plan().tensors_size())),
      inputs_(engine_->inputs.size()),
      outputs_(engine_->outputs.size()),
      inputSlots_(inputs_.size()),
      outputSlots_(outputs_.size()),
      stream_(engine_->device),
      threads_(plan().threads()) {
    for (const EngineLayer& layer : engine_->layers) {
        plugins_.emplace_back(layer.prototype ? layer.prototype->clone() : nullptr);
        if (layer.prototype && !plugins_.back())
            throw Error(ErrorCode::pluginFailure, layer.who + ": clone failed: " + takePluginMessage());
        std::vector<std::shared_ptr<abi::ISubgraph>> nested;
        for (const auto& engineOfGraph : layer.nested)
            nested.push_back(engineOfGraph == nullptr ? nullptr : std::make_shared<NestedEngine>(engineOfGraph));
        if (!nested.empty()) attach(plugins_.back(), std::move(nested));
    }
}

template <class F>
auto ContextImpl::guarded(F&& body) {
    try {
        return body();
    } catch (const std::exception& e) {
        if (recorder_ != nullptr) recorder_->record(e.what());
        throw;
    }
}

std::size_t ContextImpl::inputIndex(const std::string& name) const { return indexOf(engine_->inputs, name, "input"); }
std::size_t ContextImpl::outputIndex(const std::string& name) const { return indexOf(engine_->outputs, name, "output"); }

void ContextImpl::setInputShape(const std::string& name, const Dims& dims) {
    guarded([&] {
        const std::size_t i = inputIndex(name);
        if (inputs_[i].dims == dims) return;
        const IoInfo& info = engine_->inputs[i];
        bool inside = !info.rankKnown || dims.size() == info.range.opt.size();
        for (std::size_t d = 0; inside && info.rankKnown && d < dims.size(); ++d)
            inside = dims[d] >= info.range.min[d] && dims[d] <= info.range.max[d];
        if (!inside)
            throw Error(ErrorCode::badInput, "input '" + name + "': shape " + toString(dims) + " is outside the plan's profile " +
                                                 toString(info.range.min) + " to " + toString(info.range.max));
        inputs_[i].dims = dims;
        isPrepared_ = false;
    });
}

void ContextImpl::setInput(const std::string& name, const void* data) {
    guarded([&] {
        const std::size_t i = inputIndex(name);
        inputs_[i].data = data;
        for (const void** slot : inputSlots_[i])
            *slot = data;
    });
}

void ContextImpl::setOutput(const std::string& name, void* data) {
    guarded([&] {
        const std::size_t i = outputIndex(name);
        outputs_[i].user = data;
        if (!isPrepared_) return;
        for (void** slot : outputSlots_[i])
            *slot = outputMemory(i);
    });
}

// Memory of an output: the user's, else the context's own.
void* ContextImpl::outputMemory(std::size_t i) {
    OutputBinding& out = outputs_[i];
    if (out.user != nullptr) return out.user;
    const std::size_t size = storageBytes(state(plan().outputs(static_cast<int>(i)).tensor()).desc);
    if (out.own.data() == nullptr || out.own.size() < size) out.own = Memory(nullptr, size);
    return out.own.data();
}

bool ContextImpl::contentChanged() const {
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
        if (!engine_->inputs[i].isShapeInput) continue;
        const std::vector<std::byte>& seen = inputs_[i].seen;
        const std::size_t size =
            storageBytes(states_[static_cast<std::size_t>(plan().inputs(static_cast<int>(i)).tensor())].desc);
        if (seen.size() != size || (size > 0 && std::memcmp(seen.data(), inputs_[i].data, size) != 0)) return true;
    }
    return false;
}

void ContextImpl::prepare() {
    guarded([&] {
        if (isPrepared_ && !contentChanged()) return;
        isPrepared_ = false;
        const ThreadScope threads(threads_);
        resolveInputs();
        resolveLayers();
        configureSteps();
        planMemory();
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
            if (!engine_->inputs[i].isShapeInput) continue;
            const std::size_t size = storageBytes(state(plan().inputs(static_cast<int>(i)).tensor()).desc);
            const auto* p = static_cast<const std::byte*>(inputs_[i].data);
            inputs_[i].seen.clear();
            const bool isFlat = engine_->inputs[i].type != DataType::string && !abi::isComposite(engine_->inputs[i].type);
            if (isFlat && size <= kSeenBytes && size > 0) inputs_[i].seen.assign(p, p + size);
        }
        isPrepared_ = true;
    });
}

Dims ContextImpl::outputShape(const std::string& name) {
    return guarded([&] {
        const std::size_t i = outputIndex(name);
        if (!isPrepared_) prepare();
        return state(plan().outputs(static_cast<int>(i)).tensor()).dims;
    });
}

const void* ContextImpl::outputData(const std::string& name) {
    return guarded([&]() -> const void* {
        const std::size_t i = outputIndex(name);
        if (!isPrepared_) prepare();
        return outputMemory(i);
    });
}

void ContextImpl::runStep(Step& step) {
    if (step.waits) stream_.synchronize();
    if (step.plugin == nullptr) {
        stream_.copy(step.outputs[0], step.inputs[0], step.copyBytes, step.copyKind);
        return;
    }
    const abi::Status status = step.plugin->enqueue(&step.args);
    if (status != abi::Status::ok) {
        const EngineLayer& layer = engine_->layers[step.layer];
        throw Error(status == abi::Status::declined ? ErrorCode::unsupported : ErrorCode::pluginFailure,
                    layer.who + " (" + layer.info.implementation + "): " + pluginMessage(status));
    }
}

// Outputs that no step writes: constants, inputs, results of the shape phase, tensors bound twice.
void ContextImpl::copyOutputs() {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
        if (outputs_[i].isDirect) continue;
        const State& s = state(plan().outputs(static_cast<int>(i)).tensor());
        const std::size_t size = storageBytes(s.desc);
        const void* from = s.output >= 0 ? outputMemory(static_cast<std::size_t>(s.output)) : s.data;
        for (std::size_t in = 0; in < inputs_.size(); ++in)
            if (plan().inputs(static_cast<int>(in)).tensor() == plan().outputs(static_cast<int>(i)).tensor())
                from = inputs_[in].data;
        if (size == 0) continue;
        stream_.synchronize();
        std::memcpy(outputMemory(i), from, size);
    }
}

void ContextImpl::enqueue() {
    guarded([&] {
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            if (inputs_[i].data == nullptr && storageBytes(state(plan().inputs(static_cast<int>(i)).tensor()).desc) > 0 &&
                isPrepared_)
                throw Error(ErrorCode::badInput, "input '" + engine_->inputs[i].name + "' has no data; call setInput");
        if (!isPrepared_ || contentChanged()) prepare();
        runSteps();
        copyOutputs();
    });
}

void ContextImpl::runSteps() {
    const ThreadScope threads(threads_);
    for (Step& step : steps_) {
        if (!profiler_) {
            runStep(step);
            continue;
        }
        stream_.synchronize();
        const auto begin = std::chrono::steady_clock::now();
        runStep(step);
        stream_.synchronize();
        const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
        profiler_(engine_->layers[step.layer].info, spent.count());
    }
}

void ContextImpl::synchronize() {
    guarded([&] { stream_.synchronize(); });
}

std::vector<TensorValue> ContextImpl::run(const std::vector<TensorValue>& values) {
    return guarded([&] {
        if (values.size() != inputs_.size())
            throw Error(ErrorCode::badInput,
                        std::to_string(values.size()) + " inputs given, the engine has " + std::to_string(inputs_.size()));
        for (std::size_t i = 0; i < values.size(); ++i) {
            const IoInfo& info = engine_->inputs[i];
            if (values[i].type != info.type)
                throw Error(ErrorCode::badInput,
                            "input '" + info.name + "' must be " + typeName(info.type) + ", found " + typeName(values[i].type));
            setInputShape(info.name, values[i].dims);
            setInput(info.name, values[i].data.data());
        }
        enqueue();
        synchronize();
        std::vector<TensorValue> outputs;
        for (std::size_t i = 0; i < outputs_.size(); ++i) {
            const State& s = state(plan().outputs(static_cast<int>(i)).tensor());
            outputs.push_back(ownedCopy({s.desc.type, s.dims, Blob::view(outputMemory(i), storageBytes(s.desc), nullptr)}));
        }
        return outputs;
    });
}

void ContextImpl::runNested(std::span<const abi::FieldTensor> values, std::span<abi::FieldTensor> results) {
    threads_ = kInheritThreads;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const IoInfo& info = engine_->inputs[i];
        if (values[i].desc.type != info.type)
            throw Error(ErrorCode::badInput, "input '" + info.name + "' of graph '" + plan().name() + "' must be " +
                                                 typeName(info.type) + ", found " + typeName(values[i].desc.type));
        inputs_[i].dims = toDims(values[i].desc.dims);
        setInput(info.name, values[i].data);
    }
    isPrepared_ = false;  // the content of lists and strings may differ behind equal addresses
    prepare();
    runSteps();
    for (std::size_t i = 0; i < results.size(); ++i) {
        const State& s = state(plan().outputs(static_cast<int>(i)).tensor());
        results[i] = {s.desc, outputs_[i].isDirect ? outputMemory(i) : s.data, storageBytes(s.desc)};
    }
}

MemoryReport ContextImpl::memory() {
    if (!isPrepared_) prepare();
    return report_;
}

}  // namespace tenon
