// The driver of operator case files: draws problems and tries each on every implementation, formats and tactic.
#pragma once

#include <tenon/builder.h>

#include <string>
#include <vector>

#include "process_pool.h"

namespace tenon::cli {

struct OpCaseOptions {
    BuilderOptions builder;
    PoolOptions pool;
    std::uint64_t seed = 1;
    int draws = 3;  // of each line; more where a line has more alternatives
    bool quiet = false;
};

// Prints failures with their REPRO lines, then the totals. Returns the exit code. Throws Error for a file that cannot be read.
int runOpCases(const std::vector<std::string>& files, const Registry& registry, const OpCaseOptions& options);

// `tenon op '...' --seed 7`, quoted for a shell.
std::string reproCommand(const std::string& problem, std::uint64_t seed, const std::string& device);

}  // namespace tenon::cli
