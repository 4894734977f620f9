// A small library that keeps every promise, written against the binary contract alone: y = 2 x. The hostile ones change one
// thing.
#pragma once

#include <tenon/abi/library.h>

#include <cstring>
#include <string>

#define HOSTILE_EXPORT extern "C" __attribute__((visibility("default")))

namespace hostile {

using namespace tenon::abi;

inline const HostServices* host = nullptr;

inline Status refuse(Status status, const char* why) {
    host->report(status, why);
    return status;
}

// HOSTILE_NAME, the library's name, is set by CMake; it is the implementation's name too, so that libraries do not collide.
inline CreatorInfo doubleInfo() {
    return {"hostile", "Double", 1, 0, HOSTILE_NAME, "1", "", "cpu", 0, 0, 1, 1, 1, 1, 0, 0, nullptr};
}

constexpr char kBytes[] = {'D', 'B', 'L', '1'};

class Plugin : public IPlugin {
public:
    virtual ~Plugin() = default;
    Status getOutputTypes(const DataType* inputs, int32_t, DataType* outputs, int32_t) const noexcept override {
        if (inputs[0] != DataType::f32) return refuse(Status::invalidArgument, "only float32");
        outputs[0] = DataType::f32;
        return Status::ok;
    }
    Status getOutputDimensions(const SymbolicTensor* inputs, int32_t, SymbolicTensor* outputs, int32_t,
                               IExprBuilder*) const noexcept override {
        outputs[0].rank = inputs[0].rank;
        for (int i = 0; i < inputs[0].rank; ++i)
            outputs[0].dim[i] = inputs[0].dim[i];
        return Status::ok;
    }
    bool supportsFormatCombination(int32_t pos, const TensorDesc* inOut, int32_t, int32_t) const noexcept override {
        return inOut[pos].type == DataType::f32 && inOut[pos].layout == Layout::linear && inOut[pos].location == Location::host;
    }
    Status configurePlugin(const LayerDescs*) noexcept override { return Status::ok; }
    uint64_t getWorkspaceSize() const noexcept override { return 0; }
    Status enqueue(const EnqueueArgs* args) noexcept override {
        const auto* x = static_cast<const float*>(args->inputs[0]);
        auto* y = static_cast<float*>(args->outputs[0]);
        for (int64_t i = 0; i < count(args->inputDescs[0]); ++i)
            y[i] = 2 * x[i];
        return Status::ok;
    }
    Status serialize(ISink* sink) const noexcept override { return sink->write(kBytes, sizeof kBytes); }
    void destroy() noexcept override { delete this; }
    void* extension(const char*) noexcept override { return nullptr; }

protected:
    static int64_t count(const TensorDesc& desc) {
        int64_t n = 1;
        for (int i = 0; i < desc.dims.rank; ++i)
            n *= desc.dims.d[i];
        return n;
    }
};

// Makes plugins of type P, which derives from Plugin.
template <class P>
class Creator : public ICreator {
public:
    const CreatorInfo* info() const noexcept override {
        static const CreatorInfo kInfo = doubleInfo();
        return &kInfo;
    }
    IPlugin* create(const LayerInfo*, const Field*, int32_t fieldCount) const noexcept override {
        if (fieldCount > 0) return refuse(Status::invalidArgument, "it has no attributes"), nullptr;
        return new Cloneable;
    }
    IPlugin* deserialize(const LayerInfo*, const void* data, uint64_t size) const noexcept override {
        if (size != sizeof kBytes || std::memcmp(data, kBytes, sizeof kBytes) != 0)
            return refuse(Status::corruptData, "foreign bytes"), nullptr;
        return new Cloneable;
    }

protected:
    struct Cloneable final : P {
        IPlugin* clone() const noexcept override { return new Cloneable(*this); }
    };
};

constexpr uint32_t buildFlags() {
#if defined(__SANITIZE_ADDRESS__)
    return kAddressSanitizer;
#elif defined(__SANITIZE_THREAD__)
    return kThreadSanitizer;
#else
    return 0;
#endif
}

inline Manifest manifestOf(const ICreator* const* creators, int32_t count) {
    return {kAbiVersion, buildFlags(), HOSTILE_NAME, "1.0.0", "", "", creators, nullptr, nullptr, count, 0, 0, 0};
}

// What an honest query does: remembers the host and declines one of another abi.
inline bool isWelcome(uint32_t version, const HostServices* services) {
    host = services;
    if (version == kAbiVersion) return true;
    refuse(Status::declined, HOSTILE_NAME " was built for another abi");
    return false;
}

}  // namespace hostile

#define HOSTILE_QUERY(version, services) \
    HOSTILE_EXPORT const tenon::abi::Manifest* tenon_plugin_query(uint32_t version, const tenon::abi::HostServices* services)

// A library with one creator, of type C.
#define HOSTILE_LIBRARY(C)                                                         \
    HOSTILE_QUERY(version, services) {                                             \
        if (!hostile::isWelcome(version, services)) return nullptr;                \
        static const C creator;                                                    \
        static const tenon::abi::ICreator* const list[] = {&creator};              \
        static const tenon::abi::Manifest manifest = hostile::manifestOf(list, 1); \
        return &manifest;                                                          \
    }
// A library whose plugins are of type P.
#define HOSTILE_PLUGIN(P) HOSTILE_LIBRARY(hostile::Creator<P>)
