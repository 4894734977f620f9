// Where messages go.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tenon {

enum class LogLevel { debug, info, warning, error };

// Messages of one kind; each can be switched on alone. Warnings and errors are always passed on.
enum class LogTopic { load, import, dispatch, tune, memory, run };

// Turns topics on by name, comma-separated: "dispatch,tune", "all", "none". Throws Error for an unknown name.  [any thread]
void setLogTopics(std::string_view names);
bool isLogged(LogTopic topic);

// Replaces the default sink (standard error, through spdlog). Called by one thread at a time.  [any thread]
using LogCallback = std::function<void(LogLevel, LogTopic, std::string_view message)>;
void setLogCallback(LogCallback callback);

void log(LogLevel level, LogTopic topic, std::string_view message);

}  // namespace tenon
