// The one symbol that a library exports, and the manifest that it returns.
#pragma once

#include <tenon/abi/creator.h>
#include <tenon/abi/device.h>
#include <tenon/abi/fusion.h>

namespace tenon::abi {

constexpr uint32_t kAbiVersion = 1;

enum BuildFlags : uint32_t {
    kAddressSanitizer = 1,
    kThreadSanitizer = 2,
    kDebugBuild = 4,
};

enum class Severity : int32_t { debug = 0, info = 1, warning = 2, error = 3 };

// What the host offers to libraries; valid for the life of the process. Callable from any thread.
struct HostServices {
    uint32_t size;     // sizeof(HostServices) of the host: fields beyond it are absent
    uint32_t version;  // kAbiVersion of the host
    void (*log)(Severity severity, const char* library, const char* message);
    // The text that belongs to a Status the calling thread is about to return.
    void (*report)(Status status, const char* message);
    // Threads a kernel may use in this call (OpenMP's setting of the calling thread).
    int32_t (*maxThreads)();
};

// Read-only facts about a library, valid for the life of the process. The manifest *is* the registration.
struct Manifest {
    uint32_t abiVersion;  // kAbiVersion of the SDK that the library was built with
    uint32_t buildFlags;
    const char* name;
    const char* version;
    const char* vendor;
    const char* licence;
    const ICreator* const* creators;
    IDevice* const* devices;
    const FusionRule* fusionRules;
    int32_t creatorCount;
    int32_t deviceCount;
    int32_t fusionRuleCount;
    int32_t reserved;
};

}  // namespace tenon::abi

// Returns null, after a message through host->report, when the library cannot work with this host. Called once, before anything
// else; must be quick and must not start threads.
using TenonPluginQuery = const tenon::abi::Manifest* (*)(uint32_t hostAbiVersion, const tenon::abi::HostServices* host);
#define TENON_PLUGIN_QUERY_SYMBOL "tenon_plugin_query"
