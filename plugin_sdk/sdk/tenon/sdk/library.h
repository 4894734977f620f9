// The query function and the manifest of a library.
#pragma once

#include <tenon/sdk/creator.h>

namespace tenon::sdk {

constexpr std::uint32_t buildFlags() {
    std::uint32_t flags = 0;
#ifdef __SANITIZE_ADDRESS__
    flags |= abi::kAddressSanitizer;
#endif
#ifdef __SANITIZE_THREAD__
    flags |= abi::kThreadSanitizer;
#endif
#ifndef NDEBUG
    flags |= abi::kDebugBuild;
#endif
    return flags;
}

struct LibraryInfo {
    const char* name;
    const char* version;
    const char* vendor = "";
    const char* licence = "";
};

using CreatorList = std::vector<const abi::ICreator*>;

// Makes the manifest once; null when the host is of another abi version.
template <class AddCreators>
const abi::Manifest* makeManifest(std::uint32_t hostVersion, const abi::HostServices* services, const LibraryInfo& library,
                                  AddCreators&& addCreators, std::vector<abi::IDevice*> deviceList = {}) noexcept {
    host = services;
    libraryName = library.name;
    if (hostVersion != abi::kAbiVersion) {
        report(Status::declined, std::string(library.name) + " was built for abi " + std::to_string(abi::kAbiVersion) +
                                     ", the host has abi " + std::to_string(hostVersion));
        return nullptr;
    }
    const abi::Manifest* result = nullptr;
    guard(library.name, [&] {
        static CreatorList creators;
        static std::vector<abi::IDevice*> devices;
        static abi::Manifest manifest{};
        if (manifest.name == nullptr) {
            addCreators(creators);
            devices = std::move(deviceList);
            manifest = {abi::kAbiVersion,
                        buildFlags(),
                        library.name,
                        library.version,
                        library.vendor,
                        library.licence,
                        creators.data(),
                        devices.data(),
                        nullptr,
                        static_cast<int32_t>(creators.size()),
                        static_cast<int32_t>(devices.size()),
                        0,
                        0};
        }
        result = &manifest;
    });
    return result;
}

template <class... Op>
void addCreators(CreatorList& list) {
    (list.push_back(&CreatorFor<Op>::instance()), ...);
}

}  // namespace tenon::sdk

#define TENON_EXPORT extern "C" __attribute__((visibility("default")))

// TENON_LIBRARY("name", "1.0.0", Op...): a library whose operators are all in this file.
#define TENON_LIBRARY(libName, libVersion, ...)                                                                             \
    TENON_EXPORT const tenon::abi::Manifest* tenon_plugin_query(std::uint32_t v, const tenon::abi::HostServices* h) {       \
        return tenon::sdk::makeManifest(v, h, {libName, libVersion},                                                        \
                                        [](tenon::sdk::CreatorList& list) { tenon::sdk::addCreators<__VA_ARGS__>(list); }); \
    }

// TENON_OPERATORS(stem, Op...): last line of an operator file <stem>.cpp of a family; tenon_add_plugin(OPERATORS stem ...) makes
// the manifest out of them.
#define TENON_OPERATORS(stem, ...)                                                                       \
    namespace tenon::generated {                                                                         \
    void operators_##stem(tenon::sdk::CreatorList& list);                                                \
    void operators_##stem(tenon::sdk::CreatorList& list) { tenon::sdk::addCreators<__VA_ARGS__>(list); } \
    }
