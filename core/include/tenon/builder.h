// From a network to a plan.
#pragma once

#include <tenon/network.h>
#include <tenon/profile.h>

#include <functional>
#include <set>

namespace tenon {

class Registry;
class TimingCache;

// One measured way to run one layer, as the selector callback and the dispatch log see it.
struct CandidateInfo {
    std::string layer;           // name of the layer
    std::string problem;         // text form: operator, attributes, shapes
    std::string implementation;  // "onednn"
    std::string formats;         // "f32:blocked16 <- f32:blocked16, f32:opaque"
    std::string tactic;          // empty when the implementation has only one
    double milliseconds = 0;     // negative: not timed
};

struct BuilderOptions {
    std::string device = "cpu";  // "cpu", or a device that a library provides; layers it lacks run on the cpu
    Profile profile;
    int threads = 0;                                    // host threads that kernels use; 0: all
    std::size_t workspaceLimit = std::size_t{1} << 30;  // bytes; candidates that want more decline
    int optimizationLevel = 3;                          // 0: estimates only, nothing is timed; 1..5: more repetitions
    double timingBudgetSeconds = 0;                     // 0: none; when spent, remaining layers take their estimates
    std::set<std::string> pin;     // implementations to use, where they offer the layer ("onednn", or "Conv=onednn")
    std::set<std::string> forbid;  // implementations never to use
    std::string fallback =
        "reference";                // implementation for layers whose shapes are unknown at build, and for shape computations
    bool verifyCandidates = false;  // compare every candidate's output with the fallback's before it may win
    TimingCache* timingCache = nullptr;
    std::function<bool(const CandidateInfo&)> accept;  // algorithm selector: false vetoes a candidate
    // Called as work goes on: phase, step of steps. Returning false stops the build with Error.
    std::function<bool(const std::string& phase, int step, int steps)> progress;
};

// Optimizes the network and returns the serialized plan. The same network, options, libraries and timing cache give the same
// bytes. Throws Error that lists every layer without an implementation and why.  [one thread per call; calls are independent]
Blob buildPlan(const Network& network, const Registry& registry, const BuilderOptions& options = {});

// Writes bytes to a temporary file beside `path` and renames it. Throws Error.
void writeFile(const std::string& path, std::span<const std::byte> bytes);

}  // namespace tenon
