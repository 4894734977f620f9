#include "checks_library.h"

#include <cstring>
#include <set>

#include "exported_symbols.h"
#include "host.h"
#include "verdict.h"

namespace tenon::check {

namespace {
constexpr int kMostCreators = 10000, kMostFields = 1000, kMostDevices = 64;

std::string text(const char* s, const std::string& what, bool mayBeEmpty) {
    require(s != nullptr, what + " is null");
    require(mayBeEmpty || *s != '\0', what + " is empty");
    constexpr std::size_t kMost = 4096;
    require(strnlen(s, kMost) < kMost, what + " is longer than " + std::to_string(kMost) + " bytes");
    return s;
}

void list(int count, int most, const void* data, const std::string& what) {
    require(count >= 0 && count <= most, what + ": the count is " + std::to_string(count));
    require(count == 0 || data != nullptr, what + ": the list is null but the count is " + std::to_string(count));
}

void checkFields(const abi::CreatorInfo& info, const std::string& where) {
    list(info.fieldCount, kMostFields, info.fields, where + ": fields");
    std::set<std::string> names;
    std::set<std::uint32_t> ids;
    for (int i = 0; i < info.fieldCount; ++i) {
        const abi::FieldDecl& f = info.fields[i];
        const std::string name = text(f.name, where + ": a field's name", false);
        require(names.insert(name).second, where + ": two fields are named " + name);
        require(f.id != 0 && ids.insert(f.id).second, where + ": field " + name + " needs an id of its own");
        require(f.type >= abi::FieldType::float32 && f.type <= abi::FieldType::graph,
                where + ": field " + name + " has an unknown type");
        text(f.help, where + ": help of field " + name, true);
    }
}

// Returns what tells this creator from others.
std::string checkCreator(const abi::ICreator* creator, const std::string& number) {
    require(creator != nullptr, number + " is null");
    const abi::CreatorInfo* info = creator->info();
    require(info != nullptr, number + ": info is null");
    const std::string name = text(info->name, number + ": name", false), where = number + " (" + name + ")";
    std::string key = text(info->domain, where + ": domain", true) + "::" + name + " by " +
                      text(info->implementation, where + ": implementation", false);
    key += " version " + text(info->version, where + ": version", true) + " namespace '" +
           text(info->pluginNamespace, where + ": namespace", true) + "'";
    text(info->device, where + ": device", false);
    require(info->sinceVersion >= 1 && (info->lastVersion == 0 || info->lastVersion >= info->sinceVersion),
            where + ": contradictory opset versions");
    require(info->minInputs >= 0 && (info->maxInputs < 0 || info->maxInputs >= info->minInputs),
            where + ": contradictory numbers of inputs");
    require(info->minOutputs >= 0 && info->maxOutputs != 0 && (info->maxOutputs < 0 || info->maxOutputs >= info->minOutputs),
            where + ": contradictory numbers of outputs");
    checkFields(*info, where);
    return key + " from opset " + std::to_string(info->sinceVersion);
}
}  // namespace

std::string checkExports(const std::string& path) {
    const std::vector<std::string> symbols = exportedSymbols(path);
    std::string others;
    for (const std::string& s : symbols)
        if (s != TENON_PLUGIN_QUERY_SYMBOL && others.size() < 200) others += " " + s;
    require(others.empty(), "exports more than its query function:" + others);
    require(symbols.size() == 1, "does not export " TENON_PLUGIN_QUERY_SYMBOL);
    return "";
}

std::string checkLoads(const std::string& path) {
    const Opened opened = openLibrary(path, abi::kAbiVersion);
    if (opened.manifest != nullptr) return "";
    throw Failed{"declines: " + (opened.message.empty() ? "it gives no manifest and no reason" : opened.message)};
}

std::string checkForeignAbi(const std::string& path) {
    constexpr std::uint32_t kFarFuture = abi::kAbiVersion + 1000;
    const Opened opened = openLibrary(path, kFarFuture);
    require(opened.manifest == nullptr, "gives a manifest to a host of abi " + std::to_string(kFarFuture));
    require(!opened.message.empty(), "declines a host of another abi without a message");
    return opened.message;
}

std::string checkManifest(const abi::Manifest& m) {
    require(m.abiVersion == abi::kAbiVersion,
            "abi version " + std::to_string(m.abiVersion) + " found, " + std::to_string(abi::kAbiVersion) + " wanted");
    const std::string name = text(m.name, "the library's name", false) + " " + text(m.version, "the library's version", false);
    text(m.vendor, "vendor", true);
    text(m.licence, "licence", true);
    list(m.creatorCount, kMostCreators, m.creators, "creators");
    std::set<std::string> known;
    for (int i = 0; i < m.creatorCount; ++i) {
        const std::string key = checkCreator(m.creators[i], "creator " + std::to_string(i));
        require(known.insert(key).second, "two creators are " + key);
    }
    list(m.deviceCount, kMostDevices, m.devices, "devices");
    for (int i = 0; i < m.deviceCount; ++i) {
        require(m.devices[i] != nullptr, "device " + std::to_string(i) + " is null");
        text(m.devices[i]->name(), "a device's name", false);
    }
    list(m.fusionRuleCount, kMostCreators, m.fusionRules, "fusion rules");
    for (int i = 0; i < m.fusionRuleCount; ++i)
        for (const char* s : {m.fusionRules[i].name, m.fusionRules[i].pattern, m.fusionRules[i].replacement})
            text(s, "a text of fusion rule " + std::to_string(i), false);
    return name + ", " + std::to_string(m.creatorCount) + " creators";
}

}  // namespace tenon::check
