#include <tenon/registry/registry.h>

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <tuple>

#include "library_file.h"
#include "manifest.h"
#include "near_names.h"
#include "scan.h"
#include "scan_cache.h"

namespace tenon {

namespace {
namespace fs = std::filesystem;

// Folder of the binary that this code is in: libtenon's. Empty when it cannot be found.
fs::path ownFolder() {
    Dl_info info{};
    std::error_code error;
    if (dladdr(reinterpret_cast<const void*>(&hostServices), &info) == 0 || info.dli_fname == nullptr) return {};
    fs::path file = info.dli_fname;
    if (!file.has_parent_path()) file = fs::read_symlink("/proc/self/exe", error);  // a program, called by its bare name
    file = fs::weakly_canonical(file, error);
    return error ? fs::path() : file.parent_path();
}

std::vector<std::string> defaultFolders() {
    std::vector<std::string> folders;
    if (const char* variable = std::getenv("TENON_PLUGIN_PATH")) {
        std::string_view rest = variable;
        while (!rest.empty()) {
            const std::size_t colon = std::min(rest.find(':'), rest.size());
            if (colon > 0) folders.emplace_back(rest.substr(0, colon));
            rest.remove_prefix(std::min(colon + 1, rest.size()));
        }
    }
    // lib/libtenon.so -> lib/tenon/plugins; programs that hold this code themselves lie in bin/
    if (ownFolder().empty()) return folders;
    std::error_code error;
    const fs::path beside = ownFolder() / "tenon/plugins", inPrefix = ownFolder() / "../lib/tenon/plugins";
    const bool isProgram = !fs::is_directory(beside, error) && fs::is_directory(inPrefix, error);
    folders.push_back(fs::weakly_canonical(isProgram ? inPrefix : beside, error).string());
    return folders;
}

std::string findHelper() {
    std::error_code error;
    for (const char* relative : {"../bin/tenon-scan", "tenon-scan"}) {
        const fs::path path = ownFolder() / relative;
        if (fs::exists(path, error)) return fs::weakly_canonical(path, error).string();
    }
    return (ownFolder() / "../bin/tenon-scan").string();
}

std::string domainOf(std::string_view domain) { return domain == "ai.onnx" ? "" : std::string(domain); }
std::string qualified(const CreatorRecord& c) { return c.domain.empty() ? c.name : c.domain + "::" + c.name; }

std::string describe(const CreatorRecord& c) {
    return "implementation '" + c.implementation + "' version " + c.version +
           (c.pluginNamespace.empty() ? "" : " (namespace " + c.pluginNamespace + ")") + " of " + qualified(c);
}

// Whether a library opened now offers what its record, perhaps from the cache, says.
bool sameOffer(const LibraryRecord& a, const LibraryRecord& b) {
    const auto same = [](const CreatorRecord& x, const CreatorRecord& y) {
        const auto facts = [](const CreatorRecord& c) {
            return std::tuple(domainOf(c.domain), c.name, c.implementation, c.version, c.pluginNamespace, c.device,
                              c.sinceVersion, c.lastVersion, c.shapeInputs, c.minInputs, c.maxInputs, c.minOutputs, c.maxOutputs,
                              c.flags, c.index, c.fields.size());
        };
        return facts(x) == facts(y);
    };
    return a.name == b.name && a.version == b.version && a.devices == b.devices &&
           std::equal(a.creators.begin(), a.creators.end(), b.creators.begin(), b.creators.end(), same);
}
}  // namespace

struct Registry::State {
    RegistryOptions options;
    std::vector<LibraryRecord> libraries;
    std::vector<std::string> searched;
    std::map<std::pair<std::string, std::string>, std::vector<const CreatorRecord*>> byOperator;
    mutable std::mutex mutex;  // guards what follows
    mutable std::map<int, const abi::Manifest*> open;
    mutable std::map<int, std::uint64_t> digests;

    void add(const std::string& path, bool isExplicit, ScanCache& cache, std::set<std::string>& seen);
    void addFolder(const std::string& folder, ScanCache& cache, std::set<std::string>& seen);
    void index();
    const abi::Manifest& manifest(int library) const;
};

void Registry::State::add(const std::string& path, bool isExplicit, ScanCache& cache, std::set<std::string>& seen) {
    std::error_code error;
    const std::string canonical = fs::weakly_canonical(path, error).string();
    if (!seen.insert(canonical).second) return;
    if (!fs::is_regular_file(canonical, error)) {
        if (isExplicit)
            throw Error(ErrorCode::badInput,
                        "library " + path + ": " + (fs::exists(canonical, error) ? "not a regular file" : "no such file"));
        return;
    }
    const std::string stamp = stampOf(canonical);
    const LibraryRecord* known = cache.find(canonical, stamp);
    if (known != nullptr && isExplicit && !known->refused.empty()) known = nullptr;  // asked for by name: it gets another chance
    Scan scan{known != nullptr ? *known : LibraryRecord{}, false};
    if (known == nullptr) scan = scanLibrary(canonical, options.scanHelper, options.scanTimeoutSeconds);
    if (scan.isLasting) cache.insert(scan.record, stamp);
    LibraryRecord& record = scan.record;
    if (record.refused.empty()) record.refused = flagMismatch(record.buildFlags);
    if (!record.refused.empty()) {
        if (isExplicit) throw Error(ErrorCode::pluginFailure, "library " + path + ": " + record.refused);
        record.creators.clear();
        record.devices.clear();
        if (known != nullptr) record.refused += " (when it was last scanned; touch the file to have it scanned again)";
        hostServices().log(abi::Severity::warning, canonical.c_str(), ("skipped: " + record.refused).c_str());
    }
    libraries.push_back(std::move(record));
}

void Registry::State::addFolder(const std::string& folder, ScanCache& cache, std::set<std::string>& seen) {
    searched.push_back(folder);
    std::error_code error;
    std::vector<std::string> files;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        if (entry->path().extension() == ".so") files.push_back(entry->path().string());
    std::sort(files.begin(), files.end());
    for (const std::string& file : files)
        add(file, false, cache, seen);
}

void Registry::State::index() {
    std::map<std::tuple<std::string, std::string, std::string, std::string>, const LibraryRecord*> owners;
    for (std::size_t i = 0; i < libraries.size(); ++i) {
        for (CreatorRecord& c : libraries[i].creators) {
            c.library = static_cast<int>(i);
            c.domain = domainOf(c.domain);
            const auto [owner, isNew] =
                owners.try_emplace({qualified(c), c.implementation, c.version, c.pluginNamespace}, &libraries[i]);
            if (!isNew && owner->second != &libraries[i])
                throw Error(ErrorCode::pluginFailure, "two libraries offer " + describe(c) + ": " + owner->second->path +
                                                          " and " + libraries[i].path + "; remove one");
            byOperator[{c.domain, c.name}].push_back(&c);
        }
    }
}

// Opens the library when that has not happened, and checks that it still is what the record says.
const abi::Manifest& Registry::State::manifest(int library) const {
    const std::lock_guard lock(mutex);
    if (const auto found = open.find(library); found != open.end()) return *found->second;
    const LibraryRecord& record = libraries.at(static_cast<std::size_t>(library));
    try {
        const abi::Manifest& m = openLibrary(record.path);
        const LibraryRecord now = readManifest(m, record.path);
        if (!sameOffer(now, record)) throw Error(ErrorCode::pluginFailure, "the library changed after it was scanned; run again");
        return *(open[library] = &m);
    } catch (const Error& e) {
        throw Error(ErrorCode::pluginFailure, "library " + record.path + ": " + e.what());
    }
}

Registry::Registry(RegistryOptions options) : state_(std::make_unique<State>()) {
    State& s = *state_;
    s.options = std::move(options);
    if (s.options.scanHelper.empty()) s.options.scanHelper = findHelper();
    const std::string& file = s.options.cacheFile;
    ScanCache cache(file.empty() ? ScanCache::defaultPath() : file == "none" ? std::string() : file);
    std::set<std::string> seen;
    for (const std::string& library : s.options.libraries) {
        s.searched.push_back(library);
        s.add(library, true, cache, seen);
    }
    for (const std::string& folder : s.options.searchPath)
        s.addFolder(folder, cache, seen);
    if (s.options.useDefaultPath)
        for (const std::string& folder : defaultFolders())
            s.addFolder(folder, cache, seen);
    cache.save();
    s.index();
}

Registry::~Registry() = default;

const std::vector<LibraryRecord>& Registry::libraries() const { return state_->libraries; }
const std::vector<std::string>& Registry::searched() const { return state_->searched; }

std::vector<const CreatorRecord*> Registry::find(std::string_view domain, std::string_view name) const {
    const auto found = state_->byOperator.find({domainOf(domain), std::string(name)});
    return found == state_->byOperator.end() ? std::vector<const CreatorRecord*>() : found->second;
}

bool Registry::knowsDomain(std::string_view domain) const {
    const auto found = state_->byOperator.lower_bound({domainOf(domain), ""});
    return found != state_->byOperator.end() && found->first.first == domainOf(domain);
}

std::vector<std::string> Registry::nearNames(std::string_view domain, std::string_view name, std::size_t count) const {
    std::vector<KnownName> known;
    for (const auto& [key, creators] : state_->byOperator)
        if (key != std::pair(domainOf(domain), std::string(name)))
            known.push_back({key.second, qualified(*creators.front()), key.first == domainOf(domain)});
    return nearestNames(name, known, count);
}

const abi::ICreator& Registry::creator(const CreatorRecord& record) const {
    const abi::Manifest& manifest = state_->manifest(record.library);
    return *manifest.creators[record.index];
}

abi::IDevice* Registry::device(std::string_view name, std::string* why) const {
    std::string reason = "no library provides it";
    for (std::size_t i = 0; i < state_->libraries.size(); ++i) {
        const auto& devices = state_->libraries[i].devices;
        const auto found = std::find(devices.begin(), devices.end(), name);
        if (found == devices.end() || !state_->libraries[i].refused.empty()) continue;
        abi::IDevice* device = state_->manifest(static_cast<int>(i)).devices[found - devices.begin()];
        takePluginMessage();
        if (device->available()) return device;
        reason = takePluginMessage();
        if (reason.empty()) reason = state_->libraries[i].path + " says that it is not available";
    }
    if (why != nullptr) *why = reason;
    return nullptr;
}

std::uint64_t Registry::digest(int library) const {
    const std::lock_guard lock(state_->mutex);
    const auto [slot, isNew] = state_->digests.try_emplace(library, 0);
    if (isNew) slot->second = digestFile(state_->libraries.at(static_cast<std::size_t>(library)).path);
    return slot->second;
}

}  // namespace tenon
