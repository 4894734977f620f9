// tenon bench: throughput, latency, layers, memory and load time, reported as trtexec does.
#include <tenon/error.h>

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>

#include "bench_report.h"
#include "build_model.h"

namespace tenon::cli {

namespace {
struct Settings {
    BenchOptions bench;
    int avgRuns = 0;
    bool dumpProfile = false, separateProfileRun = false;
    std::string timesFile, profileFile;

    bool wantsProfile() const { return dumpProfile || !profileFile.empty(); }
};

struct Footprint {
    long pageFaults = 0;
    double own = 0, mapped = 0;  // MiB: memory of the process's own, and pages of mapped files
};

Footprint footprint() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    constexpr double kMiB = 1 << 20;
    return {usage.ru_minflt + usage.ru_majflt, static_cast<double>(processMemory("RssAnon")) / kMiB,
            static_cast<double>(processMemory("RssFile")) / kMiB};
}

// Opens the file; of a plan, prints what loading cost. Copied weights would show as memory of the process's own.
Engine openAndReport(const std::string& file, const Registry& registry, CommonOptions& common) {
    const bool isPlan = kindOf(file) == FileKind::plan;
    const Footprint before = footprint();
    const auto begin = std::chrono::steady_clock::now();
    Engine engine = openEngine(file, registry, common);
    const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - begin;
    const Footprint after = footprint();
    if (isPlan)
        fmt::print(
            "Engine loaded in {:.2f} ms: {} page faults, own memory {:+.2f} MiB, mapped files {:+.2f} MiB (plan and libraries)\n",
            spent.count(), after.pageFaults - before.pageFaults, after.own - before.own, after.mapped - before.mapped);
    else fmt::print("Engine built and loaded in {:.2f} s\n", spent.count() / 1000);
    return engine;
}

int bench(const std::string& file, Settings& settings, CommonOptions& common) {
    const auto registry = common.openRegistry();
    const Engine engine = openAndReport(file, *registry, common);
    settings.bench.profileRuns = settings.wantsProfile() && !settings.separateProfileRun;
    BenchResult result = runBench(engine, common, settings.bench);
    if (settings.wantsProfile() && settings.separateProfileRun) result.layers = profileLayers(engine, common, settings.bench);
    printSummary(result, settings.avgRuns);
    printMemory(result);
    if (settings.dumpProfile) printProfile(result.layers);
    if (!settings.timesFile.empty()) exportTimes(settings.timesFile, result);
    if (!settings.profileFile.empty()) exportProfile(settings.profileFile, result.layers);
    return kOk;
}

void addBenchOptions(Arguments& arguments, Settings& settings) {
    BenchOptions& b = settings.bench;
    arguments.group("measurement: runs until both --iterations and --duration are reached");
    arguments.option("--iterations", "N", "at least so many queries (default 10)", b.iterations, 1, 1000000000);
    arguments.option("--warmUp", "MS", "run so long before measuring (default 200)", b.warmUp, 0);
    arguments.option("--duration", "S", "measure at least so long (default 3)", b.duration, 0);
    arguments.option("--infStreams", "N", "contexts, each on its own thread (default 1)", b.streams, 1, 1024);
    arguments.option("--seed", "S", "of the random inputs (default 1)", b.seed);
    arguments.group("reports");
    arguments.option("--avgRuns", "N", "print the average latency of every N queries (default 0: none)", settings.avgRuns, 0,
                     1000000000);
    arguments.flag("--dumpProfile", "print a table of the layers' times", settings.dumpProfile);
    arguments.flag("--separateProfileRun", "time layers in runs of their own, so that it does not disturb the summary",
                   settings.separateProfileRun);
    arguments.option("--exportTimes", "FILE", "write every query's times as JSON", settings.timesFile);
    arguments.option("--exportProfile", "FILE", "write the layers' times as JSON", settings.profileFile);
}
}  // namespace

int benchCommand(Words words) {
    Arguments arguments(
        "bench MODEL.onnx|FILE.plan [options]",
        "Runs again and again on random inputs and reports throughput, latency, layers' times, memory and load time.");
    Settings settings;
    CommonOptions common(arguments);
    addBenchOptions(arguments, settings);
    common.addShapes();
    common.addBuild();
    common.addLibraries();
    const auto files = arguments.parse(words);
    if (!files) return kOk;
    if (files->size() != 1)
        throw UsageError(files->empty() ? "MODEL or PLAN is missing" : "one file is wanted, found also '" + (*files)[1] + "'");
    common.finishProfile();
    return bench(files->front(), settings, common);
}

}  // namespace tenon::cli
