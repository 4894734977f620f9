#include "manifest.h"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>

#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <set>

#include "library_file.h"

namespace tenon {

namespace {
constexpr int kMostCreators = 10000, kMostFields = 1000, kMostDevices = 64;

[[noreturn]] void reject(const std::string& what) { throw Error(ErrorCode::pluginFailure, what); }

std::string text(const char* s, const std::string& what, bool mayBeEmpty = true) {
    constexpr std::size_t kMost = 4096;
    if (s == nullptr) reject(what + " is null");
    const std::string copy(s, strnlen(s, kMost));
    if (!mayBeEmpty && copy.empty()) reject(what + " is empty");
    for (const char c : copy)
        if (static_cast<unsigned char>(c) < 0x20) reject(what + " holds a control character");
    return copy;
}

int count(int n, int most, const void* list, const std::string& what) {
    if (n < 0 || n > most)
        reject(what + ": the count is " + std::to_string(n) + ", at most " + std::to_string(most) + " are possible");
    if (n > 0 && list == nullptr) reject(what + ": the list is null but the count is " + std::to_string(n));
    return n;
}

FieldRecord readField(const abi::FieldDecl& f, const std::string& where) {
    FieldRecord r;
    r.id = f.id;
    r.required = f.required != 0;
    r.name = text(f.name, where + ": a field's name", false);
    r.type = f.type;
    r.isList = f.isList != 0;
    if (f.defaultText != nullptr) r.defaultText = text(f.defaultText, where + ": default of " + r.name);
    if (f.help != nullptr) r.help = text(f.help, where + ": help of " + r.name);
    if (r.id == 0) reject(where + ": field " + r.name + " has no id");
    if (r.type < abi::FieldType::float32 || r.type > abi::FieldType::graph)
        reject(where + ": field " + r.name + " has an unknown type");
    return r;
}

void readFields(const abi::CreatorInfo& info, const std::string& where, CreatorRecord& r) {
    const int fields = count(info.fieldCount, kMostFields, info.fields, where + ": fields");
    std::set<std::string> names;
    std::set<std::uint32_t> ids;
    for (int i = 0; i < fields; ++i) {
        r.fields.push_back(readField(info.fields[i], where));
        if (!names.insert(r.fields.back().name).second) reject(where + ": two fields are named " + r.fields.back().name);
        if (!ids.insert(r.fields.back().id).second) reject(where + ": two fields have id " + std::to_string(r.fields.back().id));
    }
}

CreatorRecord readCreator(const abi::ICreator* creator, int index) {
    std::string where = "creator " + std::to_string(index);
    if (creator == nullptr) reject(where + " is null");
    const abi::CreatorInfo* info = creator->info();
    if (info == nullptr) reject(where + ": info is null");
    CreatorRecord r;
    r.index = index;
    r.name = text(info->name, where + ": name", false);
    where += " (" + r.name + ")";
    r.domain = text(info->domain, where + ": domain");
    r.implementation = text(info->implementation, where + ": implementation", false);
    r.version = text(info->version, where + ": version");
    r.pluginNamespace = text(info->pluginNamespace, where + ": namespace");
    r.device = text(info->device, where + ": device", false);
    r.sinceVersion = info->sinceVersion;
    r.lastVersion = info->lastVersion;
    r.shapeInputs = info->shapeInputs;
    r.dimsOnlyInputs = info->dimsOnlyInputs;
    r.minInputs = info->minInputs;
    r.maxInputs = info->maxInputs;
    r.minOutputs = info->minOutputs;
    r.maxOutputs = info->maxOutputs;
    r.flags = info->flags;
    if (r.sinceVersion < 1 || (r.lastVersion != 0 && r.lastVersion < r.sinceVersion))
        reject(where + ": contradictory opset versions");
    if (r.minInputs < 0 || (r.maxInputs >= 0 && r.maxInputs < r.minInputs)) reject(where + ": contradictory numbers of inputs");
    if (r.minOutputs < 0 || (r.maxOutputs >= 0 && r.maxOutputs < r.minOutputs))
        reject(where + ": contradictory numbers of outputs");
    readFields(*info, where, r);
    return r;
}

bool overlap(const CreatorRecord& a, const CreatorRecord& b) {
    const auto end = [](const CreatorRecord& c) { return c.lastVersion == 0 ? std::numeric_limits<int>::max() : c.lastVersion; };
    return a.sinceVersion <= end(b) && b.sinceVersion <= end(a);
}

// One implementation may serve an operator with several creators only for different opset versions.
void refuseDuplicates(const std::vector<CreatorRecord>& creators) {
    std::multimap<std::string, const CreatorRecord*> known;
    for (const CreatorRecord& c : creators) {
        const std::string key = c.domain + '\n' + c.name + '\n' + c.implementation + '\n' + c.version + '\n' + c.pluginNamespace;
        const auto [begin, end] = known.equal_range(key);
        for (auto other = begin; other != end; ++other)
            if (overlap(c, *other->second))
                reject("creators " + std::to_string(other->second->index) + " and " + std::to_string(c.index) + " both are '" +
                       c.implementation + "' of " + c.name);
        known.emplace(key, &c);
    }
}

// What the dynamic loader said last, without the file's name, which the caller puts in front.
std::string loaderMessage(const std::string& path, const std::string& otherwise) {
    const char* said = dlerror();
    if (said == nullptr) return otherwise;
    const std::string_view message = said;
    return std::string(message.starts_with(path + ": ") ? message.substr(path.size() + 2) : message);
}

const abi::Manifest* query(const boost::dll::shared_library& library) {
    if (!library.has(TENON_PLUGIN_QUERY_SYMBOL))
        reject("exports no symbol " TENON_PLUGIN_QUERY_SYMBOL ": this is no Tenon library");
    const auto function = reinterpret_cast<TenonPluginQuery>(&library.get<void()>(TENON_PLUGIN_QUERY_SYMBOL));
    takePluginMessage();
    const abi::Manifest* manifest = nullptr;
    try {
        manifest = function(abi::kAbiVersion, &hostServices());
    } catch (const std::exception& e) {
        reject(std::string("its query throws across the boundary: ") + e.what());
    } catch (...) {
        reject("its query throws across the boundary");
    }
    const std::string message = takePluginMessage();
    if (manifest == nullptr) reject("declined: " + (message.empty() ? "it gave no manifest and no reason" : message));
    return manifest;
}
}  // namespace

const abi::Manifest& openLibrary(const std::string& path) {
    // Never closed: plugins and their code live as long as the process. The query is called once per process.
    struct Opened {
        boost::dll::shared_library library;
        const abi::Manifest* manifest;
    };
    static std::mutex mutex;
    static auto& opened = *new std::map<std::string, Opened>;
    const std::lock_guard lock(mutex);
    if (const auto found = opened.find(path); found != opened.end()) return *found->second.manifest;
    if (const std::string reason = refuseFile(path); !reason.empty()) reject(reason);
    namespace load_mode = boost::dll::load_mode;
    boost::dll::fs::error_code error;
    boost::dll::shared_library library(path, error, load_mode::rtld_now | load_mode::rtld_local);
    if (error) reject("cannot be opened: " + loaderMessage(path, error.message()));
    const abi::Manifest* manifest = query(library);
    return *opened.emplace(path, Opened{std::move(library), manifest}).first->second.manifest;
}

LibraryRecord readManifest(const abi::Manifest& m, const std::string& path) {
    if (m.abiVersion != abi::kAbiVersion)
        reject("abi version " + std::to_string(m.abiVersion) + " found, " + std::to_string(abi::kAbiVersion) +
               " wanted; build it with this Tenon's SDK");
    LibraryRecord r;
    r.path = path;
    r.buildFlags = m.buildFlags;
    r.name = text(m.name, "the library's name", false);
    r.version = text(m.version, "the library's version");
    if (m.vendor != nullptr) r.vendor = text(m.vendor, "vendor");
    if (m.licence != nullptr) r.licence = text(m.licence, "licence");
    const int creators = count(m.creatorCount, kMostCreators, m.creators, "creators");
    for (int i = 0; i < creators; ++i)
        r.creators.push_back(readCreator(m.creators[i], i));
    refuseDuplicates(r.creators);
    const int devices = count(m.deviceCount, kMostDevices, m.devices, "devices");
    for (int i = 0; i < devices; ++i) {
        if (m.devices[i] == nullptr) reject("device " + std::to_string(i) + " is null");
        r.devices.push_back(text(m.devices[i]->name(), "a device's name", false));
    }
    const int rules = count(m.fusionRuleCount, kMostCreators, m.fusionRules, "fusion rules");
    for (int i = 0; i < rules; ++i)
        for (const char* s : {m.fusionRules[i].name, m.fusionRules[i].pattern, m.fusionRules[i].replacement})
            text(s, "fusion rule " + std::to_string(i) + ": a text", false);
    return r;
}

}  // namespace tenon
