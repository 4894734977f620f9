// `tenon plugins check`: the conformance harness of the SDK, printed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::cli {

struct CheckSettings {
    int timeoutSeconds = 60;  // of each check
    std::uint64_t seed = 1;
    std::string creator;   // only operators of this name; empty: all
    bool verbose = false;  // passed and skipped checks are printed, too
};

// Returns the exit code.
int checkLibraries(const std::vector<std::string>& paths, const CheckSettings& settings);

}  // namespace tenon::cli
