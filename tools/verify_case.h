// One test case in the ONNX backend layout: model.onnx and test_data_set_*/{input,output}_*.pb.
#pragma once

#include <tenon/builder.h>

#include <string>
#include <vector>

namespace tenon::cli {

struct Verdict {
    enum class Kind { passed, failed, refused } kind = Kind::passed;
    std::string reason;  // one line; of a passed case: what was not compared
};

struct VerifyOptions {
    BuilderOptions builder;
    double rtol = 1e-3, atol = 1e-7;
    // atol relative to the largest expected magnitude of the output; negative: 0 for single operators, 1e-5 for networks,
    // in which rounding errors of large values reach small ones.
    double rangeAtol = -1;
    std::string implementation;  // pinned; a case of whose layers it offers none is refused, unless mixed
    bool mixed = false;
};

// Folders that hold a case: those given, else every one below them, in sorted order. Throws Error for a path that holds none.
std::vector<std::string> findCases(const std::vector<std::string>& paths);

// Never throws: what goes wrong is the verdict.
Verdict verifyCase(const std::string& folder, const Registry& registry, const VerifyOptions& options) noexcept;

}  // namespace tenon::cli
