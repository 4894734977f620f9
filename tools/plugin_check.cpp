#include "plugin_check.h"

#include <tenon/check/check.h>
#include <tenon/error.h>

#include <fmt/format.h>

#include <filesystem>

#include "subcommand.h"

namespace tenon::cli {

namespace {
void print(const check::Finding& f) {
    fmt::print("  {} {}{}{}{}{}\n", check::toString(f.result), f.check, f.creator.empty() ? "" : " ", f.creator,
               f.reason.empty() ? "" : ": ", f.reason);
    std::fflush(stdout);
}
}  // namespace

int checkLibraries(const std::vector<std::string>& paths, const CheckSettings& settings) {
    for (const std::string& path : paths)
        if (!std::filesystem::is_regular_file(path)) throw Error(ErrorCode::badInput, path + ": there is no such file");
    bool allPassed = true;
    for (const std::string& path : paths) {
        fmt::print("{}\n", path);
        check::Options options;
        options.timeoutSeconds = settings.timeoutSeconds;
        options.creator = settings.creator;
        options.seed = settings.seed;
        options.onFinding = [&](const check::Finding& f) {
            if (settings.verbose || f.result == check::Result::fail) print(f);
        };
        const auto findings = check::checkLibrary(path, options);
        std::size_t counts[3] = {};
        for (const check::Finding& f : findings)
            ++counts[static_cast<std::size_t>(f.result)];
        fmt::print("{} passed, {} failed, {} skipped\n", counts[0], counts[1], counts[2]);
        allPassed = allPassed && check::passed(findings);
    }
    return allPassed ? kOk : kFailed;
}

}  // namespace tenon::cli
