// The exception of Tenon's C++ API.
#pragma once

#include <stdexcept>
#include <string>

namespace tenon {

enum class ErrorCode {
    badInput,       // a file, model, plan, flag or shape that cannot be used
    unsupported,    // valid, but no library here can do it
    pluginFailure,  // a library or plugin misbehaved
    deviceFailure,
    outOfMemory,
    internal,
};

// What was wanted, what was found, where, and what to do, in one text.
class Error : public std::runtime_error {
public:
    Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
    ErrorCode code() const noexcept { return code_; }

private:
    ErrorCode code_;
};

}  // namespace tenon
