// Running many small jobs, each in a child process of its own, so that a crash or a hang harms only that job.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace tenon::cli {

struct JobOutcome {
    std::string output;  // what the job emitted, whether or not it came to its end
    std::string death;   // "crashed with SIGSEGV", "timed out after 60 s"; empty when the job came to its end
};

struct PoolOptions {
    std::size_t jobs = 1;        // children at the same time
    double timeoutSeconds = 60;  // of each job
};

// Sends text to the parent at once.
using Emit = std::function<void(const std::string&)>;

// Runs job(0) ... job(count-1); calls done in that order, in the calling process. The caller must not have started threads.
void runIsolated(std::size_t count, const PoolOptions& options, const std::function<void(std::size_t, const Emit&)>& job,
                 const std::function<void(std::size_t, const JobOutcome&)>& done);

}  // namespace tenon::cli
