#include "common_options.h"

#include <tenon/error.h>
#include <tenon/logger.h>

#include <fmt/format.h>

namespace tenon::cli {

namespace {
// "1x3x224x224"; nothing: a scalar.
Dims parseDims(const std::string& text, const std::string& what) {
    Dims dims;
    for (const std::string& part : split(text, 'x')) {
        dims.push_back(toInteger(part, what));
        if (dims.back() < 0) throw UsageError(what + ": " + part + " is negative");
    }
    return dims;
}

// "workspace:512" or "workspace:1.5G", in MiB unless a unit follows.
std::size_t parseWorkspace(const std::string& text) {
    const std::string pool = text.substr(0, text.find(':'));
    if (pool != "workspace" || pool.size() == text.size())
        throw UsageError("--memPoolSize: workspace:MiB is wanted, found '" + text + "'");
    std::string number = text.substr(pool.size() + 1);
    double unit = 1 << 20;
    const std::string_view units = "BKMG";
    const std::size_t letter = number.empty() ? std::string_view::npos : units.find(number.back());
    if (letter != std::string_view::npos) {
        unit = static_cast<double>(std::uint64_t{1} << (10 * letter));
        number.pop_back();
    }
    const double bytes = toNumber(number, "--memPoolSize") * unit;
    if (bytes < 0 || bytes > 1e15) throw UsageError("--memPoolSize: " + number + " is out of range");
    return static_cast<std::size_t>(bytes);
}
}  // namespace

void CommonOptions::addLibraries() {
    arguments_.group("libraries and messages");
    arguments_.option("--plugin", "FILE", "use this plugin library too (may be repeated)",
                      [this](const std::string& v) { registry_.libraries.push_back(v); });
    arguments_.option("--log", "TOPICS", "print topics: load,import,dispatch,tune,memory,run,all",
                      [](const std::string& v) { setLogTopics(v); });
}

void CommonOptions::addBuild() {
    arguments_.group("how to build");
    arguments_.option("--device", "NAME", "cpu (default), or a device that a library provides: cuda", builder_.device);
    arguments_.option("--threads", "N", "host threads that kernels use (default: all)", builder_.threads, 0, 4096);
    arguments_.option("--builderOptimizationLevel", "N", "0: estimates, nothing is timed; 1 to 5: more repetitions (default 3)",
                      builder_.optimizationLevel, 0, 5);
    arguments_.option("--timingBudget", "SECONDS", "stop measuring then and go on with estimates (default: none)",
                      builder_.timingBudgetSeconds, 0);
    arguments_.option("--timingCacheFile", "FILE", "measurements to start from; rewritten with the new ones", cacheFile_);
    arguments_.option("--implementation", "NAME", "pin: use it where it is offered; Op=NAME for one operator (repeatable)",
                      [this](const std::string& v) { builder_.pin.insert(v); });
    arguments_.option("--forbid", "NAME", "never use this implementation; Op=NAME for one operator (repeatable)",
                      [this](const std::string& v) { builder_.forbid.insert(v); });
    arguments_.option("--memPoolSize", "workspace:MiB", "largest workspace of a layer (units B, K, M, G may follow)",
                      [this](const std::string& v) { builder_.workspaceLimit = parseWorkspace(v); });
    arguments_.flag("--verifyCandidates", "a candidate must agree with `reference` before it may win", builder_.verifyCandidates);
}

void CommonOptions::addShapes() {
    arguments_.group("shapes: NAME:1x3x224x224[,NAME:...]");
    addShapeOption("--minShapes", "smallest shapes of dynamic inputs", {&min_});
    addShapeOption("--optShapes", "shapes to optimize for", {&opt_});
    addShapeOption("--maxShapes", "largest shapes", {&max_});
    addShapeOption("--shapes", "all three at once; of a plan: the shapes to run with", {&min_, &opt_, &max_});
}

void CommonOptions::addShapeOption(const char* name, const char* help,
                                   std::initializer_list<std::map<std::string, Dims>*> targets) {
    const std::vector<std::map<std::string, Dims>*> maps = targets;
    arguments_.option(name, "SHAPES", help, [maps, name](const std::string& value) {
        for (const std::string& part : split(value, ',')) {
            const std::size_t colon = part.rfind(':');  // names may contain colons
            if (colon == std::string::npos || colon == 0)
                throw UsageError(fmt::format("{}: NAME:1x2x3 is wanted, found '{}'", name, part));
            const Dims dims = parseDims(part.substr(colon + 1), name);
            for (auto* map : maps)
                (*map)[part.substr(0, colon)] = dims;
        }
    });
}

std::unique_ptr<Registry> CommonOptions::openRegistry(const RegistryOptions& options) {
    try {
        return std::make_unique<Registry>(options);
    } catch (const Error& e) {  // to the library's user, its failure is bad input
        throw Error(ErrorCode::badInput, e.what());
    }
}

void CommonOptions::finishProfile() {
    std::set<std::string> names;
    for (const auto* map : {&min_, &opt_, &max_})
        for (const auto& [name, dims] : *map)
            names.insert(name);
    for (const std::string& name : names) {
        const auto firstOf = [&](std::initializer_list<const std::map<std::string, Dims>*> order) {
            for (const auto* map : order)
                if (map->contains(name)) return map->at(name);
            return Dims{};
        };
        builder_.profile.shapes[name] = {firstOf({&min_, &opt_, &max_}), firstOf({&opt_, &max_, &min_}),
                                         firstOf({&max_, &opt_, &min_})};
    }
}

void CommonOptions::loadTimingCache() {
    if (cacheFile_.empty()) return;
    TimingCache::load(cacheFile_, cache_);
    builder_.timingCache = &cache_;
}

void CommonOptions::saveTimingCache() const {
    if (!cacheFile_.empty()) cache_.save(cacheFile_);
}

void CommonOptions::refuseBuildOptions(const std::string& planFile) const {
    for (const char* name : {"--device", "--builderOptimizationLevel", "--timingBudget", "--timingCacheFile", "--implementation",
                             "--forbid", "--memPoolSize", "--verifyCandidates", "--minShapes", "--optShapes", "--maxShapes"})
        if (arguments_.given(name))
            throw UsageError(fmt::format("{} belongs to a build, and {} is built already", name, planFile));
}

}  // namespace tenon::cli
