// The conformance harness: does a plugin library keep the promises of the binary contract?
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tenon::check {

enum class Result { pass, fail, skip };
const char* toString(Result result);  // "pass", "fail", "skip"

struct Finding {
    std::string check;    // "manifest", "truncated", "enqueue"...
    std::string creator;  // "Relu (reference)"; empty for checks of the whole library
    Result result = Result::pass;
    std::string reason;  // why it failed or was skipped; what was done when it passed
};

struct Options {
    int timeoutSeconds = 60;                        // for each check
    std::uint64_t seed = 1;                         // of the shapes, attributes and values that are tried
    std::string creator;                            // only creators whose operator has this name; empty: all
    std::function<void(const Finding&)> onFinding;  // called as findings come in
};

// Runs every check on the library, each in a child process of its own: a crash or a hang is a finding. The library is never
// loaded into the calling process. Creators of other devices than "cpu" are not run, only asked. Nothing here throws for what the
// library does; std::system_error when the machine cannot fork or make pipes. Call it before the process starts threads of its
// own (a child of a threaded process inherits held locks).  [one thread]
std::vector<Finding> checkLibrary(const std::string& path, const Options& options = {});

// Whether no finding failed.
bool passed(const std::vector<Finding>& findings);

}  // namespace tenon::check
