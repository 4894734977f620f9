#include <tenon/error.h>
#include <tenon/logger.h>
#include <tenon/registry/registry.h>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <atomic>
#include <mutex>

namespace tenon {

namespace {
constexpr std::array<std::string_view, 6> kTopics = {"load", "import", "dispatch", "tune", "memory", "run"};
std::atomic<unsigned> enabledTopics{0};
std::mutex callbackMutex;
LogCallback& callback() {
    static LogCallback instance;
    return instance;
}

spdlog::logger& console() {
    static const auto logger = [] {
        auto made = std::make_shared<spdlog::logger>("tenon", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("[%l] %v");
        made->set_level(spdlog::level::debug);
        return made;
    }();
    return *logger;
}

unsigned topicBits(std::string_view name) {
    if (name == "all") return ~0U;
    if (name == "none" || name.empty()) return 0;
    for (std::size_t i = 0; i < kTopics.size(); ++i)
        if (kTopics[i] == name) return 1U << i;
    throw Error(ErrorCode::badInput, "there is no log topic '" + std::string(name) +
                                         "'; topics: load, import, dispatch, tune, memory, run, all, none");
}

void logPlugin(abi::Severity severity, const char* library, const char* message) {
    log(static_cast<LogLevel>(severity), LogTopic::load, std::string(library) + ": " + message);
}
const bool isPluginSinkSet = (setPluginLogSink(logPlugin), true);
}  // namespace

void setLogTopics(std::string_view names) {
    unsigned bits = 0;
    while (!names.empty()) {
        const std::size_t comma = std::min(names.find(','), names.size());
        bits |= topicBits(names.substr(0, comma));
        names.remove_prefix(std::min(comma + 1, names.size()));
    }
    enabledTopics = bits;
}

bool isLogged(LogTopic topic) { return (enabledTopics >> static_cast<unsigned>(topic) & 1U) != 0; }

void setLogCallback(LogCallback newCallback) {
    const std::lock_guard lock(callbackMutex);
    callback() = std::move(newCallback);
}

void log(LogLevel level, LogTopic topic, std::string_view message) {
    if (level < LogLevel::warning && !isLogged(topic)) return;
    const std::lock_guard lock(callbackMutex);
    if (callback()) {
        callback()(level, topic, message);
        return;
    }
    static constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                            spdlog::level::err};
    console().log(kLevels[static_cast<std::size_t>(level)], "{}: {}", kTopics[static_cast<std::size_t>(topic)], message);
}

}  // namespace tenon
