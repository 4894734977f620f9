// What a check looks at: one creator, and plugins made by it.
#pragma once

#include <tenon/abi/creator.h>

#include <memory>
#include <string>
#include <vector>

#include "field_set.h"

namespace tenon::check {

struct Destroy {
    void operator()(abi::IPlugin* plugin) const { plugin->destroy(); }
};
using PluginPtr = std::unique_ptr<abi::IPlugin, Destroy>;

struct Subject {
    const abi::ICreator* creator;
    const abi::CreatorInfo* info;
    std::uint64_t seed;
};

// A layer with the fewest tensors that the creator wants.
abi::LayerInfo smallestLayer(const abi::CreatorInfo& info);
// Null when the creator refuses; the message then is in *why. Throws Failed when it refuses without a message.
PluginPtr create(const Subject& subject, const abi::LayerInfo& layer, const FieldSet& fields, std::string* why = nullptr);
// A plugin with default attributes and made-up required ones. Throws Skipped when the creator takes none of several guesses.
PluginPtr createAny(const Subject& subject);
PluginPtr deserialize(const Subject& subject, const std::vector<std::byte>& bytes, std::string* why = nullptr);
std::vector<std::byte> serialize(const abi::IPlugin& plugin);

// Every status but ok needs a message; returns it. Throws Failed when there is none.
std::string takeReason(const std::string& what);

using Check = std::string (*)(const Subject&);  // returns what was done; throws Failed or Skipped
std::string checkInfo(const Subject& subject);
std::string checkCreate(const Subject& subject);
std::string checkUnknownAttribute(const Subject& subject);
std::string checkWrongType(const Subject& subject);
std::string checkSerialize(const Subject& subject);
std::string checkTruncated(const Subject& subject);
std::string checkRandomBytes(const Subject& subject);
std::string checkClone(const Subject& subject);
std::string checkTypes(const Subject& subject);
std::string checkShapes(const Subject& subject);
std::string checkFormats(const Subject& subject);
std::string checkWorkspace(const Subject& subject);
std::string checkEnqueue(const Subject& subject);

}  // namespace tenon::check
