// The interface of a creator: what makes plugins for one operator.
#pragma once

#include <tenon/abi/attributes.h>
#include <tenon/abi/plugin.h>

namespace tenon::abi {

// The operator that changes a tensor's layout; core inserts it where neighbours disagree. One input, one output of the
// same type and dims. Creators of this name take part in the measurement like all others.
constexpr const char* kReformatDomain = "tenon";
constexpr const char* kReformatName = "Reformat";

enum CreatorFlags : uint32_t {
    kNotFoldable = 1,        // output is not a function of inputs and attributes (random, stateful)
    kDataDependentShape = 2  // some output size is known only after running: has IDynamicOutput
};

// Static facts about a creator; data of the library, kept in the scan cache.
struct CreatorInfo {
    const char* domain;  // "" is ai.onnx
    const char* name;
    int32_t sinceVersion;         // first opset version of the operator's form that it implements
    int32_t lastVersion;          // last one, or 0 for no end
    const char* implementation;   // stable printable name, e.g. "reference", "cuda.cudnn"
    const char* version;          // what `plugin_version` selects; default "1"
    const char* pluginNamespace;  // what `plugin_namespace` selects; default ""
    const char* device;           // "cpu", or the name of a device that some library provides
    uint64_t shapeInputs;         // bit i: the content of input i is read by getOutputDimensions; always in host memory
    uint64_t dimsOnlyInputs;      // bit i: of input i only the dims are used, never the content
    int32_t minInputs;
    int32_t maxInputs;  // -1: variadic
    int32_t minOutputs;
    int32_t maxOutputs;  // -1: variadic
    uint32_t flags;      // CreatorFlags
    int32_t fieldCount;
    const FieldDecl* fields;
};

// The layer a plugin is made for. Pointers are valid during the call.
struct LayerInfo {
    const char* name;  // for messages
    int32_t inputCount;
    int32_t outputCount;
    int32_t opsetVersion;
    int32_t reserved;
};

// Makes plugins of one implementation of one operator. A static object of its library.  [any thread]
class ICreator {
public:
    virtual const CreatorInfo* info() const noexcept = 0;

    // A plugin with these attributes; null after an error (unknown, missing, mistyped or out-of-range field), reported.
    virtual IPlugin* create(const LayerInfo* layer, const Field* fields, int32_t fieldCount) const noexcept = 0;

    // The plugin that wrote these bytes; null after an error, reported. Never trusts the bytes.
    virtual IPlugin* deserialize(const LayerInfo* layer, const void* data, uint64_t size) const noexcept = 0;

protected:
    ~ICreator() = default;
};

}  // namespace tenon::abi
