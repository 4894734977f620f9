// tenon verify: test cases in the ONNX backend layout, each in a process of its own.
#include <fmt/format.h>

#include <filesystem>
#include <thread>

#include "common_options.h"
#include "preload.h"
#include "process_pool.h"
#include "verify_case.h"

namespace tenon::cli {

namespace {
struct Settings {
    VerifyOptions verify;
    PoolOptions pool;
    bool quiet = false;
};

class Summary {
public:
    explicit Summary(bool quiet) : quiet_(quiet) {}

    void add(const std::string& name, const JobOutcome& outcome) {
        const char kind = outcome.output.empty() ? 0 : outcome.output[0];
        if (!outcome.death.empty() || kind == 0)
            print(failed_, "failed", name, outcome.death.empty() ? "ended without a verdict" : outcome.death, true);
        else if (kind == 'P') {
            print(passed_, "passed", name, outcome.output.substr(1), !quiet_);
            if (outcome.output.size() > 1) ++partly_;
        } else if (kind == 'R') print(refused_, "refused", name, outcome.output.substr(1), !quiet_);
        else print(failed_, "failed", name, outcome.output.substr(1), true);
    }

    int finish() const {
        fmt::print("{} passed, {} failed, {} refused\n", passed_, failed_, refused_);
        if (partly_ > 0)
            fmt::print("{} of those that passed draw random numbers: only types and shapes were compared\n", partly_);
        return failed_ == 0 ? kOk : kFailed;
    }

private:
    static void print(std::size_t& count, const char* verdict, const std::string& name, const std::string& reason, bool shown) {
        ++count;
        if (!shown) return;
        fmt::print("{} {}{}{}\n", verdict, name, reason.empty() ? "" : ": ", reason);
        std::fflush(stdout);
    }

    bool quiet_;
    std::size_t passed_ = 0, failed_ = 0, refused_ = 0, partly_ = 0;
};

// The verdict as the child says it: a letter and the reason.
std::string encode(const Verdict& v) {
    const char letter = v.kind == Verdict::Kind::passed ? 'P' : v.kind == Verdict::Kind::refused ? 'R' : 'F';
    return letter + v.reason;
}

std::string nameOf(const std::string& folder) {
    const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
    return path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
}

int verifyAll(const std::vector<std::string>& cases, const Registry& registry, const Settings& settings) {
    preloadLibraries(registry);
    Summary summary(settings.quiet);
    runIsolated(
        cases.size(), settings.pool,
        [&](std::size_t i, const Emit& emit) { emit(encode(verifyCase(cases[i], registry, settings.verify))); },
        [&](std::size_t i, const JobOutcome& outcome) { summary.add(nameOf(cases[i]), outcome); });
    return summary.finish();
}
}  // namespace

int verifyCommand(Words words) {
    Arguments arguments(
        "verify CASE_DIR... [options]",
        "Runs cases of the ONNX backend layout (model.onnx, test_data_set_*) and compares their outputs. A folder without a "
        "model\n"
        "is searched for cases. Prints passed, failed or refused (Tenon declines the model) for each, then the totals.");
    Settings settings;
    VerifyOptions& verify = settings.verify;
    int jobs = 1;
    CommonOptions common(arguments);
    common.builder().optimizationLevel = 0;
    arguments.group("comparison: |a-b| <= atol + rtol*|b|; integers, bools and strings exactly");
    arguments.option("--rtol", "X", "relative tolerance (default 1e-3)", verify.rtol, 0);
    arguments.option("--atol", "X", "absolute tolerance (default 1e-7)", verify.atol, 0);
    arguments.option(
        "--rangeAtol", "X",
        "adds X times the largest magnitude of each output to atol (default 0; 1e-5 for networks of more than 16 layers)",
        verify.rangeAtol, 0);
    arguments.group("running");
    arguments.option("--jobs|-j", "N", "cases at the same time (default 1)", jobs, 1, 1024);
    arguments.option("--timeout", "SECONDS", "a case that takes longer has failed (default 60)", settings.pool.timeoutSeconds,
                     0.001);
    arguments.flag("--mixed", "with --implementation: run cases of whose layers it offers none, too", verify.mixed);
    arguments.flag("--quiet|-q", "print failed cases and the totals only", settings.quiet);
    common.addBuild();
    common.addLibraries();
    const auto paths = arguments.parse(words);
    if (!paths) return kOk;
    if (paths->empty()) throw UsageError("CASE_DIR is missing");
    settings.pool.jobs = static_cast<std::size_t>(jobs);
    verify.builder = common.builder();
    if (!verify.builder.pin.empty())
        verify.implementation = verify.builder.pin.begin()->substr(verify.builder.pin.begin()->rfind('=') + 1);
    if (verify.builder.threads == 0)
        verify.builder.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / jobs);
    const auto cases = findCases(*paths);
    const auto registry = common.openRegistry();
    return verifyAll(cases, *registry, settings);
}

}  // namespace tenon::cli
