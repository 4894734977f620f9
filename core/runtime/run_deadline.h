// A limit on the time that nested networks may run for while a network is built: a loop may be endless.
#pragma once

#include <chrono>
#include <optional>

namespace tenon {

using SteadyTime = std::chrono::steady_clock::time_point;
inline thread_local std::optional<SteadyTime> runDeadline;  // none: no limit

class DeadlineScope {
public:
    explicit DeadlineScope(std::chrono::milliseconds limit) : before_(runDeadline) {
        if (!runDeadline) runDeadline = std::chrono::steady_clock::now() + limit;
    }
    ~DeadlineScope() { runDeadline = before_; }
    DeadlineScope(const DeadlineScope&) = delete;
    DeadlineScope& operator=(const DeadlineScope&) = delete;

private:
    std::optional<SteadyTime> before_;
};

inline bool isPastDeadline() { return runDeadline && std::chrono::steady_clock::now() > *runDeadline; }

}  // namespace tenon
