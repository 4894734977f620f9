// Trying one problem on every candidate: correct, how fast, or why not.
#pragma once

#include <tenon/builder.h>
#include <tenon/registry/registry.h>

#include "problem.h"

namespace tenon {

struct OpResult {
    std::string implementation, formats, tactic;
    std::string declined;    // the reason; empty when it ran
    bool ok = false;         // agrees with the fallback implementation
    std::string difference;  // how it disagrees
    double maxRelativeError = 0;
    double milliseconds = -1;  // measured when options.optimizationLevel > 0
};

struct Tolerance {
    double relative = 1e-4, absolute = 1e-5;
};

// Runs every candidate of every device on the same random inputs and compares with options.fallback. Throws Error when the
// problem itself is refused (unknown operator, impossible shapes).
std::vector<OpResult> tryProblem(const Problem& problem, const Registry& registry, const BuilderOptions& options,
                                 std::uint64_t seed, const Tolerance& tolerance = {});

}  // namespace tenon
