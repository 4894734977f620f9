// The catalogue of plugin libraries: which there are, what they offer, and opening the ones that are needed.
#pragma once

#include <tenon/abi/library.h>
#include <tenon/registry/error.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenon {

struct FieldRecord {
    std::uint32_t id = 0;
    bool required = false;
    std::string name;
    abi::FieldType type = abi::FieldType::none;
    bool isList = false;
    std::string defaultText;
    std::string help;
};

// A creator's static facts (abi::CreatorInfo, owned), as read from the library or from the scan cache.
struct CreatorRecord {
    std::string domain, name, implementation, version, pluginNamespace, device;
    int sinceVersion = 1, lastVersion = 0;
    std::uint64_t shapeInputs = 0, dimsOnlyInputs = 0;
    int minInputs = 0, maxInputs = 0, minOutputs = 0, maxOutputs = 0;
    std::uint32_t flags = 0;
    std::vector<FieldRecord> fields;
    int library = 0;  // index into Registry::libraries()
    int index = 0;    // position in the library's manifest
};

struct LibraryRecord {
    std::string path;  // absolute
    std::string name, version, vendor, licence;
    std::uint64_t digest = 0;  // of the file's bytes; 0 until asked for with Registry::digest
    std::uint32_t buildFlags = 0;
    std::vector<CreatorRecord> creators;
    std::vector<std::string> devices;
    std::string refused;  // why the library is not used; empty when it is
};

struct RegistryOptions {
    std::vector<std::string> libraries;   // --plugin FILE: refusing one of these is an error
    std::vector<std::string> searchPath;  // folders; default: TENON_PLUGIN_PATH (colon-separated), then the installed folder
    bool useDefaultPath = true;
    // Scan cache file; empty: $TENON_CACHE_DIR or $XDG_CACHE_HOME/tenon or ~/.cache/tenon, "scan_cache". "none": no cache.
    std::string cacheFile;
    int scanTimeoutSeconds = 10;
    std::string scanHelper;  // program that scans one library; default: tenon-scan beside libtenon or in ../bin
};

// Immutable after construction; opening libraries is internal and locked.  [any thread]
class Registry {
public:
    // Finds and validates libraries. A library that is broken, crashes or hangs is recorded as refused with the reason.
    // Throws Error when a library given by name is refused, or when two libraries offer the same operator, implementation and
    // version (both files are named).
    explicit Registry(RegistryOptions options = {});
    ~Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    const std::vector<LibraryRecord>& libraries() const;
    // Where libraries were looked for, for messages: files and folders in order.
    const std::vector<std::string>& searched() const;

    // Creators of an operator, in library order, then manifest order. "" and "ai.onnx" are the same domain.
    std::vector<const CreatorRecord*> find(std::string_view domain, std::string_view name) const;
    bool knowsDomain(std::string_view domain) const;
    // Operators with a similar name (any domain), best first, at most `count`: "Conv", "com.acme::Conv2".
    std::vector<std::string> nearNames(std::string_view domain, std::string_view name, std::size_t count = 3) const;

    // The live creator; opens its library if that has not happened. Throws Error when the library changed or cannot be opened.
    const abi::ICreator& creator(const CreatorRecord& record) const;
    // The device that some library provides, or null when none does or the machine lacks it (the reason is in *why).
    abi::IDevice* device(std::string_view name, std::string* why = nullptr) const;
    // 64-bit digest of the library's file.
    std::uint64_t digest(int library) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Receives what libraries log and report. The text of an error belongs to the thread that made the failing call.
using PluginLogSink = void (*)(abi::Severity severity, const char* library, const char* message);
void setPluginLogSink(PluginLogSink sink);
// Last message reported on this thread since the last take; empty when none.
std::string takePluginMessage();
const abi::HostServices& hostServices();

}  // namespace tenon
