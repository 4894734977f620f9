#include "host.h"

#include <dlfcn.h>

#include <cstdint>
#include <utility>

#include "verdict.h"

namespace tenon::check {

namespace {
thread_local std::string message;

void ignoreLog(abi::Severity, const char*, const char*) {}
void keepMessage(abi::Status, const char* text) {
    constexpr std::size_t kMost = 4096;
    if (text != nullptr && message.size() < kMost) message += (message.empty() ? "" : "; ") + std::string(text);
}
// One: children of a process that uses OpenMP must not start a team.
std::int32_t oneThread() { return 1; }
}  // namespace

const abi::HostServices& services() {
    static constexpr abi::HostServices kServices{sizeof(abi::HostServices), abi::kAbiVersion, ignoreLog, keepMessage, oneThread};
    return kServices;
}

std::string takeMessage() { return std::exchange(message, std::string()); }

Opened openLibrary(const std::string& path, std::uint32_t hostVersion) {
    const std::string file = path.find('/') == std::string::npos ? "./" + path : path;
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw Failed{std::string("cannot be opened: ") + dlerror()};
    const auto query = reinterpret_cast<TenonPluginQuery>(dlsym(library, TENON_PLUGIN_QUERY_SYMBOL));
    require(query != nullptr, "has no symbol " TENON_PLUGIN_QUERY_SYMBOL);
    takeMessage();
    Opened opened;
    opened.manifest = query(hostVersion, &services());
    opened.message = takeMessage();
    return opened;
}

}  // namespace tenon::check
