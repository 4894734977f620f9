#include "layer_runner.h"

#include <tenon/abi/extensions.h>
#include <tenon/error.h>
#include <tenon/sdk/launch.h>

#include "runtime/layout_convert.h"

#include <chrono>
#include <cstring>
#include <random>

namespace tenon {

namespace {
TensorValue randomTensor(DataType type, const Dims& dims, std::mt19937_64& random) {
    TensorValue v{type, dims, Blob::allocate(byteSize(type, dims))};
    const std::int64_t count = elementCount(dims);
    if (!(sdk::numeric | sdk::boolean).has(type)) return v;  // zeros
    sdk::dispatch<sdk::numeric | sdk::boolean>(type, [&]<class T>() {
        T* p = reinterpret_cast<T*>(v.data.mutableData());
        for (std::int64_t i = 0; i < count; ++i) {
            const std::uint64_t bits = random();
            if constexpr (sdk::isFloating<T>) p[i] = T(static_cast<float>(bits >> 40) / 8388608.0F - 1.0F);
            else p[i] = static_cast<T>(bits >> 63);
        }
    });
    return v;
}

double now() { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
}  // namespace

std::vector<TensorValue> randomInputs(const LayerInstance& instance, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<TensorValue> values;
    for (std::size_t i = 0; i < instance.inputTypes.size(); ++i) {
        if (instance.inputTypes[i] == DataType::undefined) values.emplace_back();
        else if (instance.inputContent[i]) values.push_back(*instance.inputContent[i]);
        else values.push_back(randomTensor(instance.inputTypes[i], instance.inputRanges[i].opt, random));
    }
    return values;
}

LayerRunner::LayerRunner(const LayerInstance& instance, const Candidate& candidate, const Registry& registry,
                         abi::IDevice* device, const std::vector<TensorValue>& inputs)
    : instance_(instance), plugin_(configuredPlugin(instance, candidate, registry)), device_(device), stream_(device) {
    for (const auto& d : instance.inputDescs(candidate))
        inputDescs_.push_back({d.opt, d.desc.type, d.desc.layout, d.desc.location, 0});
    for (const auto& d : instance.outputDescs(candidate))
        outputDescs_.push_back({d.opt, d.desc.type, d.desc.layout, d.desc.location, 0});
    for (std::size_t i = 0; i < inputs.size(); ++i)
        place(i, inputs[i]);
    for (const abi::TensorDesc& d : outputDescs_) {
        memory_.emplace_back(d.location == abi::Location::device ? device_ : nullptr, storageBytes(d));
        out_.push_back(d.type == DataType::undefined ? nullptr : memory_.back().data());
    }
    workspace_ = Memory(device_, plugin_->getWorkspaceSize());
    args_ = {inputDescs_.data(),
             outputDescs_.data(),
             in_.data(),
             out_.data(),
             workspace_.data(),
             workspace_.size(),
             stream_.handle(),
             static_cast<std::int32_t>(in_.size()),
             static_cast<std::int32_t>(out_.size())};
    if (device_ == nullptr) return;
    begin_ = device_->createEvent();
    end_ = device_->createEvent();
    events_ = std::shared_ptr<void>(begin_, [device, end = end_](void* begin) {
        if (begin != nullptr) device->destroyEvent(begin);
        if (end != nullptr) device->destroyEvent(end);
    });
}

// Brings one input into its format: packed, converted, on the device.
void LayerRunner::place(std::size_t i, const TensorValue& value) {
    abi::TensorDesc& desc = inputDescs_[i];
    if (desc.type == DataType::undefined) {
        in_.push_back(nullptr);
        return;
    }
    auto* prepack = static_cast<abi::IPrepack*>(plugin_->extension(abi::IPrepack::kId));
    const auto index = static_cast<std::int32_t>(i);
    const bool constant = instance_.problem.inputs[i].isConstant;
    const std::size_t packed = prepack != nullptr && constant ? prepack->packedSize(index) : 0;
    Memory host(nullptr, packed != 0 ? packed : storageBytes(desc));
    if (packed != 0) {
        abi::Status status = prepack->pack(index, &desc, value.data.data(), host.data());
        if (status == abi::Status::ok) status = prepack->setPacked(index);
        if (status != abi::Status::ok) throw Error(ErrorCode::pluginFailure, "prepack: " + pluginMessage(status));
        desc.layout = abi::Layout::opaque;
    } else {
        convertLayout(makeDesc(desc.type, value.dims), value.data.data(), desc, host.data());
    }
    if (desc.location == abi::Location::device) {
        Memory device(device_, host.size());
        stream_.copy(device.data(), host.data(), host.size(), abi::CopyKind::hostToDevice);
        stream_.synchronize();
        host = std::move(device);
    }
    in_.push_back(host.data());
    memory_.push_back(std::move(host));
}

void LayerRunner::enqueue() {
    const abi::Status status = plugin_->enqueue(&args_);
    if (status != abi::Status::ok) throw Error(ErrorCode::pluginFailure, pluginMessage(status));
}

void LayerRunner::synchronize() { stream_.synchronize(); }

double LayerRunner::timeRuns(int count) {
    if (device_ == nullptr) {
        const double begin = now();
        for (int i = 0; i < count; ++i)
            enqueue();
        return now() - begin;
    }
    device_->record(begin_, stream_.handle());
    for (int i = 0; i < count; ++i)
        enqueue();
    device_->record(end_, stream_.handle());
    synchronize();
    return device_->elapsedMilliseconds(begin_, end_);
}

double LayerRunner::measure(int level, double hopeless) {
    const double enough = 2.0 * level;  // milliseconds that one repetition must last
    timeRuns(1);                        // warm-up: first touch, lazy initialization
    double best = timeRuns(1);
    if (best > hopeless) return best;
    for (int count = 1, repeats = 0; repeats < 3;) {
        const double total = timeRuns(count);
        best = std::min(best, total / count);
        if (best > hopeless) return best;
        if (total >= enough) ++repeats;
        else count *= 2;
    }
    return best;
}

std::vector<TensorValue> LayerRunner::outputs() {
    synchronize();
    std::vector<TensorValue> values;
    auto* dynamic = static_cast<abi::IDynamicOutput*>(plugin_->extension(abi::IDynamicOutput::kId));
    auto* owned = static_cast<abi::IOwnedOutput*>(plugin_->extension(abi::IOwnedOutput::kId));
    for (std::size_t i = 0; i < outputDescs_.size(); ++i) {
        const abi::TensorDesc& desc = outputDescs_[i];
        values.emplace_back();
        if (desc.type == DataType::undefined) continue;
        abi::FieldTensor kept{};
        if (owned != nullptr && owned->ownedOutput(static_cast<std::int32_t>(i), &kept) == abi::Status::ok) {
            values.back() = ownedCopy({kept.desc.type, toDims(kept.desc.dims), Blob::view(kept.data, kept.size, nullptr)});
            continue;
        }
        Memory host(nullptr, storageBytes(desc));
        if (desc.location == abi::Location::device) {
            stream_.copy(host.data(), out_[i], host.size(), abi::CopyKind::deviceToHost);
            synchronize();
        } else if (host.size() > 0) {
            std::memcpy(host.data(), out_[i], host.size());
        }
        TensorValue& v = values.back();
        v = {desc.type, toDims(desc.dims), Blob::allocate(byteSize(desc.type, toDims(desc.dims)))};
        convertLayout(desc, host.data(), makeDesc(v.type, v.dims), v.data.mutableData());
        abi::Dims actual{};
        if (dynamic != nullptr && dynamic->actualDims(static_cast<std::int32_t>(i), &actual) == abi::Status::ok)
            v.dims = toDims(actual);
    }
    return values;
}

}  // namespace tenon
