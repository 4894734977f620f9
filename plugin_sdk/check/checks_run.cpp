// Configured plugins: workspace, and enqueue on small random tensors.
#include <algorithm>
#include <set>

#include "child.h"
#include "host.h"
#include "trial.h"
#include "verdict.h"

namespace tenon::check {

namespace {
constexpr int kProblems = 60;
constexpr std::size_t kMostTactics = 16;

struct Tally {
    int problems = 0, runs = 0, declined = 0, packed = 0;
    std::string lastRefusal = "no format combination was accepted";
};

// Names of the tactics that can run the configured layer; one empty name when the plugin has no choice.
std::vector<std::string> tacticsOf(abi::IPlugin& plugin) {
    auto* tactics = static_cast<abi::ITactics*>(plugin.extension(abi::ITactics::kId));
    if (tactics == nullptr) return {""};
    const std::int32_t count = tactics->tacticCount();
    require(count >= 0 && count <= 10000, "tacticCount is " + std::to_string(count));
    std::vector<std::string> names;
    std::set<std::string> unique;
    for (std::int32_t i = 0; i < count; ++i) {
        const char* name = tactics->tacticName(i);
        require(name != nullptr && *name != '\0', "tactic " + std::to_string(i) + " has no name");
        require(unique.insert(name).second, std::string("two tactics are named ") + name);
        if (tactics->declineReason(i) == nullptr && names.size() < kMostTactics) names.emplace_back(name);
    }
    if (count == 0) names.emplace_back();
    return names;
}

bool choose(abi::IPlugin& plugin, const std::string& tactic, std::string* why) {
    if (tactic.empty()) return true;
    takeMessage();
    const bool isTaken =
        static_cast<abi::ITactics*>(plugin.extension(abi::ITactics::kId))->setTactic(tactic.c_str()) == abi::Status::ok;
    if (!isTaken) *why = takeReason("setTactic");
    return isTaken;
}

void compare(const Trial::Outputs& a, const Trial::Outputs& b, const char* otherwise) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto [x, y] = std::mismatch(a[i].begin(), a[i].end(), b[i].begin(), b[i].end());
        require(x == a[i].end() && y == b[i].end(), std::string(otherwise) + ": output " + std::to_string(i) +
                                                        " differs at byte " + std::to_string(x - a[i].begin()));
    }
}

class Runner {
public:
    Runner(const Subject& subject, const Problem& problem, const Formats& formats, Tally& tally)
        : subject_(subject), problem_(problem), formats_(formats), tally_(tally) {}

    void run() {
        const PluginPtr plugin(problem_.plugin->clone());
        require(plugin != nullptr, "clone returns null");
        if (!isTaken(*plugin, "")) return;
        for (const std::string& tactic : tacticsOf(*plugin))
            runTactic(tactic);
    }

private:
    bool isTaken(abi::IPlugin& plugin, const std::string& tactic) {
        if (configure(plugin, formats_, problem_.inputs.size(), &tally_.lastRefusal) &&
            choose(plugin, tactic, &tally_.lastRefusal))
            return true;
        ++tally_.declined;
        return false;
    }

    void runTactic(const std::string& tactic) {
        const PluginPtr plugin(problem_.plugin->clone());
        if (!isTaken(*plugin, tactic)) return;
        Trial trial(problem_, formats_, subject_.seed);
        const auto first = trial.run(*plugin, 0xA5, &tally_.lastRefusal);
        const auto second = trial.run(*plugin, 0x5A, &tally_.lastRefusal);
        require(first.has_value() == second.has_value(), "enqueue answers another status the second time");
        if (!first) return;
        ++tally_.runs;
        const bool isRandom = (subject_.info->flags & abi::kNotFoldable) != 0;
        if (!isRandom)
            compare(*first, *second, "enqueue leaves part of an output unwritten, or gives another result the second time");
        if (!isRandom) runTwin(*plugin, tactic, trial, *first);
        runPacked(tactic);
    }

    // What a plan would keep of the plugin must compute the same.
    void runTwin(const abi::IPlugin& plugin, const std::string& tactic, Trial& trial, const Trial::Outputs& expected) {
        abi::LayerInfo layer = smallestLayer(*subject_.info);
        layer.inputCount = static_cast<std::int32_t>(problem_.inputs.size());
        layer.outputCount = static_cast<std::int32_t>(problem_.outputs.size());
        const std::vector<std::byte> bytes = serialize(plugin);
        takeMessage();
        const PluginPtr twin(subject_.creator->deserialize(&layer, bytes.data(), bytes.size()));
        if (twin == nullptr) throw Failed{"deserialize refuses a configured plugin's bytes: " + takeReason("deserialize")};
        giveNetworks(*twin);
        if (!choose(*twin, tactic, &tally_.lastRefusal) || !isTaken(*twin, ""))
            throw Failed{"a deserialized plugin declines what its original takes: " + tally_.lastRefusal};
        const auto outputs = trial.run(*twin, 0x5A, &tally_.lastRefusal);
        require(outputs.has_value(), "a deserialized plugin refuses at run time: " + tally_.lastRefusal);
        compare(*outputs, expected, "a deserialized plugin computes something else");
    }

    void runPacked(const std::string& tactic) {
        const PluginPtr plugin(problem_.plugin->clone());
        Trial trial(problem_, formats_, subject_.seed);
        if (!isTaken(*plugin, tactic) || !trial.pack(*plugin)) return;
        const bool isDone = trial.run(*plugin, 0xA5, &tally_.lastRefusal).has_value();
        require(isDone, "enqueue refuses inputs that it packed itself: " + tally_.lastRefusal);
        ++tally_.packed;
    }

    const Subject& subject_;
    const Problem& problem_;
    const Formats& formats_;
    Tally& tally_;
};
}  // namespace

std::string checkWorkspace(const Subject& subject) {
    ProblemSearch search(subject);
    int count = 0;
    std::string why = "no format combination was accepted";
    while (count < kProblems) {
        const std::optional<Problem> problem = search.next();
        if (!problem) break;
        for (const Formats& formats : formatCombinations(*problem)) {
            abi::IPlugin& plugin = *problem->plugin;
            if (!configure(plugin, formats, problem->inputs.size(), &why)) continue;
            const std::uint64_t size = plugin.getWorkspaceSize();
            require(plugin.getWorkspaceSize() == size, "getWorkspaceSize answers otherwise the second time");
            require(configure(plugin, formats, problem->inputs.size(), &why),
                    "configurePlugin declines what it took before: " + why);
            require(plugin.getWorkspaceSize() == size, "getWorkspaceSize answers otherwise once configured again");
            ++count;
        }
    }
    if (count == 0) throw Skipped{search.whyNone() + "; " + why};
    return std::to_string(count) + " configurations";
}

std::string checkEnqueue(const Subject& subject) {
    explainOverruns();
    ProblemSearch search(subject);
    Tally tally;
    while (tally.problems < kProblems) {
        const std::optional<Problem> problem = search.next();
        if (!problem) break;
        if (problem->plugin->extension(abi::ISubgraphUser::kId) != nullptr) throw Skipped{"it runs nested networks"};
        for (const Formats& formats : formatCombinations(*problem)) {
            sayDoing("layer " + describe(formats) + " " + problem->attributes);
            try {
                Runner(subject, *problem, formats, tally).run();
            } catch (const Failed& failure) {
                throw Failed{failure.reason + "; layer " + describe(formats) +
                             (problem->attributes.empty() ? "" : " " + problem->attributes)};
            } catch (const Skipped& skipped) {
                tally.lastRefusal = skipped.reason;
            }
        }
        ++tally.problems;
    }
    if (tally.runs == 0) throw Skipped{search.whyNone() + "; " + tally.lastRefusal};
    std::string note = std::to_string(tally.problems) + " layers, " + std::to_string(tally.runs) + " runs";
    if (tally.packed > 0) note += ", " + std::to_string(tally.packed) + " with packed inputs";
    return tally.declined > 0 ? note + ", " + std::to_string(tally.declined) + " declined" : note;
}

}  // namespace tenon::check
