// tenon op: one problem on every candidate, or case files full of problems.
#include <tenon/error.h>

#include <fmt/format.h>

#include <thread>

#include "common_options.h"
#include "op_cases.h"
#include "tactics/op_trial.h"

namespace tenon::cli {

namespace {
std::string verdictOf(const OpResult& r) {
    if (!r.declined.empty()) return "declined";
    return r.ok ? "ok" : "WRONG";
}

int tryOne(const std::string& text, const Registry& registry, const OpCaseOptions& options) {
    const Problem problem = parseProblem(text);
    fmt::print("{}\n", problem.toString());
    const auto results = tryProblem(problem, registry, options.builder, options.seed);
    fmt::print("{:<16} {:<40} {:<20} {:<8} {:>12} {:>10}\n", "implementation", "formats", "tactic", "verdict", "time (ms)",
               "error");
    bool anyWrong = false;
    for (const OpResult& r : results) {
        anyWrong = anyWrong || (r.declined.empty() && !r.ok);
        const std::string time = r.milliseconds >= 0 ? fmt::format("{:.5f}", r.milliseconds) : "-";
        const std::string error = r.declined.empty() ? fmt::format("{:.2g}", r.maxRelativeError) : "-";
        fmt::print("{:<16} {:<40} {:<20} {:<8} {:>12} {:>10}", r.implementation, r.formats, r.tactic, verdictOf(r), time, error);
        const std::string& reason = r.declined.empty() ? r.difference : r.declined;
        fmt::print("{}{}\n", reason.empty() ? "" : "  ", reason);
    }
    if (anyWrong) fmt::print("REPRO: {}\n", reproCommand(text, options.seed, options.builder.device));
    return anyWrong ? kFailed : kOk;
}
}  // namespace

int opCommand(Words words) {
    Arguments arguments("op \"PROBLEM\" [options]  |  op --case FILE... [options]",
                        "Runs a problem, such as \"Conv(float32[1,3,9,9], float32[8,3,3,3]) pads=[1,1,1,1]\", on every "
                        "candidate: does it agree with\n"
                        "`reference`, how long does it take, why does it decline? With --case: problems drawn from case files "
                        "(tests/ops/*.case).");
    OpCaseOptions options;
    bool isCase = false;
    int jobs = 1;
    CommonOptions common(arguments);
    arguments.group("what to try");
    arguments.flag("--case", "the words are case files", isCase);
    arguments.option("--seed", "S", "of the random inputs, and of the draws (default 1)", options.seed);
    arguments.option("--draws", "N", "with --case: problems drawn from a line (default 3)", options.draws, 1, 1000000);
    arguments.option("--jobs|-j", "N", "with --case: lines at the same time (default 1)", jobs, 1, 1024);
    arguments.option("--timeout", "SECONDS", "with --case: a line that takes longer has failed (default 60)",
                     options.pool.timeoutSeconds, 0.001);
    arguments.flag("--quiet|-q", "with --case: print failures and the totals only", options.quiet);
    common.addBuild();
    common.addLibraries();
    const auto operands = arguments.parse(words);
    if (!operands) return kOk;
    if (operands->empty()) throw UsageError(isCase ? "FILE is missing" : "PROBLEM is missing");
    if (!isCase && operands->size() > 1) throw UsageError("one PROBLEM is wanted; quote it as one word");
    options.builder = common.builder();
    options.pool.jobs = static_cast<std::size_t>(jobs);
    if (isCase && !arguments.given("--builderOptimizationLevel")) options.builder.optimizationLevel = 0;
    if (isCase && options.builder.threads == 0)
        options.builder.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / jobs);
    const auto registry = common.openRegistry();
    return isCase ? runOpCases(*operands, *registry, options) : tryOne(operands->front(), *registry, options);
}

}  // namespace tenon::cli
