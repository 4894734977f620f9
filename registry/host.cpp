// What the host offers to libraries.
#include <tenon/registry/registry.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

namespace tenon {

namespace {
std::atomic<PluginLogSink> logSink{nullptr};
thread_local std::string message;

void logToSink(abi::Severity severity, const char* library, const char* text) {
    if (const PluginLogSink sink = logSink.load())
        sink(severity, library == nullptr ? "?" : library, text == nullptr ? "" : text);
}

void keepMessage(abi::Status, const char* text) {
    constexpr std::size_t kMost = 4096;  // a plugin that reports for ever must not fill the memory
    if (text == nullptr || message.size() > kMost) return;
    if (!message.empty()) message += "; ";
    message += text;
}

std::int32_t maxThreads() {
#ifdef _OPENMP
    return omp_get_max_threads();
#else
    return std::max(1, static_cast<std::int32_t>(std::thread::hardware_concurrency()));
#endif
}
}  // namespace

void setPluginLogSink(PluginLogSink sink) { logSink = sink; }

std::string takePluginMessage() { return std::exchange(message, std::string()); }

const abi::HostServices& hostServices() {
    static constexpr abi::HostServices kServices{sizeof(abi::HostServices), abi::kAbiVersion, logToSink, keepMessage, maxThreads};
    return kServices;
}

}  // namespace tenon
