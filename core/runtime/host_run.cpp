#include "host_run.h"

#include <tenon/abi/extensions.h>
#include <tenon/error.h>

#include <fmt/format.h>

#include "memory.h"
#include "tensor_desc.h"

#include <cstring>

namespace tenon {

namespace {
// One run: descriptors, checks, memory, enqueue.
class HostRun {
public:
    HostRun(abi::IPlugin& plugin, const CreatorRecord& creator, std::span<const TensorValue> inputs,
            const std::vector<bool>& wanted, const std::string& who, const HostRunLimits& limits)
        : plugin_(plugin), creator_(creator), inputs_(inputs), wanted_(wanted), who_(who), limits_(limits), left_(limits.bytes) {}

    std::vector<TensorValue> operator()() {
        describe();
        checkFormats();
        configure();
        checkWork();
        const std::size_t workspaceSize = take(plugin_.getWorkspaceSize());
        const Memory workspace(nullptr, workspaceSize);
        enqueue(workspace);
        return trim();
    }

private:
    void describe() {
        std::vector<KnownTensor> known;
        std::vector<DataType> types;
        for (const TensorValue& v : inputs_) {
            known.push_back({v.type, v.dims, v.data.data()});
            types.push_back(v.type);
            inputDescs_.push_back(v.type == DataType::undefined ? absentDesc() : makeDesc(v.type, v.dims));
            inputData_.push_back(v.type == DataType::undefined ? nullptr : v.data.data());
        }
        const auto outputTypes = queryTypes(plugin_, types, wanted_.size(), who_);
        owned_ = static_cast<abi::IOwnedOutput*>(plugin_.extension(abi::IOwnedOutput::kId));
        if (owned_ != nullptr) return describeOwned(outputTypes);
        const auto dims = queryDims(plugin_, known, outputTypes, creator_.shapeInputs, who_);
        for (std::size_t i = 0; i < wanted_.size(); ++i) {
            TensorValue v;
            if (wanted_[i]) {
                v.type = outputTypes[i];
                v.dims = dims[i] ? *dims[i] : upperBound(static_cast<int>(i));
                v.data = Blob::allocate(take(byteSize(v.type, v.dims)));
            }
            outputDescs_.push_back(wanted_[i] ? makeDesc(v.type, v.dims) : absentDesc());
            outputs_.push_back(std::move(v));
        }
    }

    // The plugin keeps its outputs itself: their shapes need not be known.
    void describeOwned(const std::vector<DataType>& types) {
        for (std::size_t i = 0; i < wanted_.size(); ++i) {
            outputs_.push_back({wanted_[i] ? types[i] : DataType::undefined, {}, {}});
            outputDescs_.push_back(wanted_[i] ? makeDesc(types[i], {}) : absentDesc());
        }
    }

    Dims upperBound(int output) {
        auto* dynamic = static_cast<abi::IDynamicOutput*>(plugin_.extension(abi::IDynamicOutput::kId));
        if (dynamic == nullptr)
            throw Error(ErrorCode::pluginFailure, who_ + ": the shape of output " + std::to_string(output) +
                                                      " stays unknown although all inputs are known, and the plugin has no " +
                                                      abi::IDynamicOutput::kId);
        abi::Dims dims{};
        const abi::Status status = dynamic->maxDims(inputDescs_.data(), count(inputDescs_), output, &dims);
        if (status != abi::Status::ok) throw Error(ErrorCode::pluginFailure, who_ + ": " + pluginMessage(status));
        dynamic_ = dynamic;
        return toDims(dims);
    }

    void checkFormats() const {
        std::vector<abi::TensorDesc> all = inputDescs_;
        all.insert(all.end(), outputDescs_.begin(), outputDescs_.end());
        for (std::int32_t i = 0; i < count(all); ++i)
            if (!plugin_.supportsFormatCombination(i, all.data(), count(inputDescs_), count(outputDescs_)))
                throw Error(ErrorCode::unsupported, who_ + ": " + creator_.implementation + " does not take tensor " +
                                                        std::to_string(i) + " as " +
                                                        typeName(all[static_cast<std::size_t>(i)].type) + " in linear layout");
    }

    void configure() {
        std::vector<abi::DynamicTensorDesc> in, out;
        for (const auto& d : inputDescs_)
            in.push_back(fixedDesc(d));
        for (const auto& d : outputDescs_)
            out.push_back(fixedDesc(d));
        const abi::LayerDescs descs{in.data(), out.data(), count(inputDescs_), count(outputDescs_)};
        takePluginMessage();
        const abi::Status status = plugin_.configurePlugin(&descs);
        if (status != abi::Status::ok)
            throw Error(ErrorCode::unsupported, who_ + ": " + creator_.implementation + ": " + pluginMessage(status));
    }

    void checkWork() {
        auto* cost = static_cast<abi::ICost*>(plugin_.extension(abi::ICost::kId));
        if (cost != nullptr && cost->flops() > limits_.operations)
            throw Error(ErrorCode::unsupported,
                        fmt::format("{}: needs {:.3g} operations, {:.3g} are allowed", who_, cost->flops(), limits_.operations));
    }

    void enqueue(const Memory& workspace) {
        std::vector<void*> out;
        for (TensorValue& v : outputs_)
            out.push_back(v.type == DataType::undefined || owned_ != nullptr ? nullptr : v.data.mutableData());
        const abi::EnqueueArgs args{inputDescs_.data(), outputDescs_.data(), inputData_.data(), out.data(),
                                    workspace.data(),   workspace.size(),    nullptr,           count(inputDescs_),
                                    count(outputDescs_)};
        const abi::Status status = plugin_.enqueue(&args);
        if (status == abi::Status::ok) return;
        throw Error(status == abi::Status::declined ? ErrorCode::unsupported : ErrorCode::pluginFailure,
                    who_ + ": " + creator_.implementation + ": " + pluginMessage(status));
    }

    // Outputs of data-dependent size are given their actual dims.
    std::vector<TensorValue> trim() {
        if (owned_ != nullptr) takeOwned();
        for (std::size_t i = 0; dynamic_ != nullptr && i < outputs_.size(); ++i) {
            abi::Dims dims{};
            if (outputs_[i].type == DataType::undefined) continue;
            const abi::Status status = dynamic_->actualDims(static_cast<std::int32_t>(i), &dims);
            if (status != abi::Status::ok) throw Error(ErrorCode::pluginFailure, who_ + ": " + pluginMessage(status));
            TensorValue& v = outputs_[i];
            v.dims = toDims(dims);
            const std::size_t size = byteSize(v.type, v.dims);
            if (size > v.data.size())
                throw Error(ErrorCode::pluginFailure,
                            who_ + ": output " + std::to_string(i) + " is " + toString(v.dims) + ", more than its bound");
            const bool isMostlyUnused = size < v.data.size() / 2;
            v.data = isMostlyUnused ? Blob::copyOf(v.data.data(), size) : Blob::view(v.data.data(), size, v.data.owner());
        }
        return std::move(outputs_);
    }

    void takeOwned() {
        for (std::size_t i = 0; i < outputs_.size(); ++i) {
            TensorValue& v = outputs_[i];
            if (v.type == DataType::undefined) continue;
            abi::FieldTensor t{};
            const abi::Status status = owned_->ownedOutput(static_cast<std::int32_t>(i), &t);
            if (status != abi::Status::ok) throw Error(ErrorCode::pluginFailure, who_ + ": " + pluginMessage(status));
            if (t.desc.type != v.type || t.size != storageBytes(t.desc))
                throw Error(ErrorCode::pluginFailure, who_ + ": output " + std::to_string(i) + " is not what the plugin said: " +
                                                          typeName(t.desc.type) + " of " + std::to_string(t.size) + " bytes");
            v.dims = toDims(t.desc.dims);
            v.data = Blob::view(t.data, static_cast<std::size_t>(take(t.size)), nullptr);
        }
    }

    std::size_t take(std::size_t bytes) {
        if (bytes > left_)
            throw Error(ErrorCode::outOfMemory,
                        who_ + ": needs " + std::to_string(bytes) + " bytes, " + std::to_string(left_) + " are allowed");
        left_ -= bytes;
        return bytes;
    }
    template <class T>
    static std::int32_t count(const std::vector<T>& v) {
        return static_cast<std::int32_t>(v.size());
    }

    abi::IPlugin& plugin_;
    const CreatorRecord& creator_;
    std::span<const TensorValue> inputs_;
    const std::vector<bool>& wanted_;
    const std::string& who_;
    HostRunLimits limits_;
    std::size_t left_;
    std::vector<abi::TensorDesc> inputDescs_, outputDescs_;
    std::vector<const void*> inputData_;
    std::vector<TensorValue> outputs_;
    abi::IDynamicOutput* dynamic_ = nullptr;
    abi::IOwnedOutput* owned_ = nullptr;
};
}  // namespace

std::vector<TensorValue> runOnHost(abi::IPlugin& plugin, const CreatorRecord& creator, std::span<const TensorValue> inputs,
                                   const std::vector<bool>& wanted, const std::string& who, const HostRunLimits& limits) {
    return HostRun(plugin, creator, inputs, wanted, who, limits)();
}

}  // namespace tenon
