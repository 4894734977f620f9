#include <tenon/builder.h>
#include <tenon/error.h>
#include <tenon/logger.h>
#include <tenon/sdk/types.h>

#include "assembler.h"
#include "nested_plan.h"
#include "runtime/host_threads.h"
#include "runtime/tensor_desc.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tenon {

namespace {
class Build {
public:
    Build(const Network& network, const Registry& registry, const BuilderOptions& options)
        : graph_(copyOf(network.graph())), registry_(registry), options_(options), context_{registry, options.fallback, {}} {
        options_.threads = hostThreads(options_.threads);
    }

    Blob operator()() {
        report("optimize", 0, 1);
        openDevice();
        runPasses(graph_, context_);
        const BoundGraph bound = hasUnknownRanks() ? bindToAnyShape(graph_, context_) : bind(graph_, context_, options_.profile);
        const ThreadScope threads(options_.threads);
        Tuner tuner(registry_, options_, device_);
        auto decisions = tuneAll(bound, tuner);
        choose(bound, tuner, decisions);
        PlanContents plan = Assembler(bound, registry_, tuner, options_)(decisions, options_.device);
        describe(plan.description);
        log(LogLevel::info, LogTopic::tune,
            fmt::format("{} measurements, {} from the timing cache", tuner.measured(), tuner.remembered()));
        return serializePlan(plan);
    }

private:
    void report(const std::string& phase, std::size_t step, std::size_t steps) const {
        if (options_.progress && !options_.progress(phase, static_cast<int>(step), static_cast<int>(steps)))
            throw Error(ErrorCode::badInput, "the build was interrupted");
    }

    bool hasUnknownRanks() const {
        return std::any_of(graph_.inputs.begin(), graph_.inputs.end(), [&](int in) {
            const Tensor& t = graph_.tensors[static_cast<std::size_t>(in)];
            return t.shape.rank < 0 && !options_.profile.shapes.contains(t.name);
        });
    }

    void openDevice() {
        if (options_.device == "cpu") return;
        std::string why;
        device_ = registry_.device(options_.device, &why);
        if (device_ != nullptr) return;
        std::string text = "device '" + options_.device + "' cannot be used: " + why + "; searched";
        for (const std::string& place : registry_.searched())
            text += " " + place;
        throw Error(ErrorCode::unsupported, text);
    }

    std::vector<Decision> tuneAll(const BoundGraph& bound, Tuner& tuner) {
        std::vector<Decision> decisions(graph_.layers.size());
        lists_.assign(graph_.layers.size(), nullptr);
        std::vector<std::string> problems;
        for (std::size_t i = 0; i < graph_.layers.size(); ++i) {
            report("measure", i, graph_.layers.size());
            if (bound.layers[i].inShapePhase) {
                decisions[i] = decideShapePhase(bound, i, tuner);
                continue;
            }
            decisions[i].instance = instanceOf(bound, i);
            try {
                lists_[i] = &tuner.tune(decisions[i].instance);
            } catch (const Error& e) {
                if (e.code() != ErrorCode::unsupported) throw;
                problems.push_back(e.what());
            }
        }
        report("measure", graph_.layers.size(), graph_.layers.size());
        std::string all;
        for (const std::string& p : problems)
            all += (all.empty() ? "" : "\n") + p;
        if (!problems.empty()) throw Error(ErrorCode::unsupported, all);
        return decisions;
    }

    // Layers of the shape phase run on dense host tensors one by one; those that compute with real numbers by the fastest kernel.
    Decision decideShapePhase(const BoundGraph& bound, std::size_t i, Tuner& tuner) {
        const Layer& layer = graph_.layers[i];
        const bool isReal = std::any_of(layer.outputs.begin(), layer.outputs.end(), [&](int t) {
            return t >= 0 && sdk::floats.has(graph_.tensors[static_cast<std::size_t>(t)].type);
        });
        Decision decision;
        if (!isReal || isSizedByRunning(bound.layers[i])) return decision;
        decision.instance = instanceOf(bound, i);
        if (!decision.instance.shapesKnown) return decision;
        const auto isDense = [](const Format& f) { return f == Format{}; };
        try {
            for (const Candidate& c : tuner.tune(decision.instance).candidates)
                if (c.creator->device == "cpu" && std::all_of(c.inputs.begin(), c.inputs.end(), isDense) &&
                    std::all_of(c.outputs.begin(), c.outputs.end(), isDense) &&
                    (decision.candidate == nullptr || c.milliseconds < decision.candidate->milliseconds))
                    decision.candidate = &c;
        } catch (const Error& e) {
            log(LogLevel::debug, LogTopic::tune, std::string("not tuned: ") + e.what());
        }
        return decision;
    }

    double conversion(const BoundGraph& bound, Tuner& tuner, int id, const Format& from, const Format& to) {
        if (from == to) return 0;
        const auto [slot, isNew] = conversions_.try_emplace({id, from, to}, 0.0);
        if (!isNew) return slot->second;
        const auto& dims = bound.opt[static_cast<std::size_t>(id)];
        double ms = INFINITY;
        if (dims && from.location == to.location) {
            const Candidate* c = tuner.reformat(graph_.tensors[static_cast<std::size_t>(id)].type, *dims, from, to);
            if (c != nullptr) ms = c->milliseconds;
        } else if (from.location != to.location) {
            ms = dims ? Tuner::copyMilliseconds(byteSize(graph_.tensors[static_cast<std::size_t>(id)].type, *dims)) : 0;
            ms += conversion(bound, tuner, id, from, {abi::Layout::linear, from.location});
            ms += conversion(bound, tuner, id, {abi::Layout::linear, to.location}, to);
        }
        return conversions_[{id, from, to}] = ms;
    }

    void choose(const BoundGraph& bound, Tuner& tuner, std::vector<Decision>& decisions) {
        report("select", 0, 1);
        const auto cost = [&](int id, const Format& from, const Format& to) { return conversion(bound, tuner, id, from, to); };
        const auto chosen = selectCandidates({&graph_, lists_}, cost);
        for (std::size_t i = 0; i < decisions.size(); ++i) {
            if (lists_[i] == nullptr) continue;
            decisions[i].candidate = &lists_[i]->candidates[chosen[i]];
            const Candidate& c = *decisions[i].candidate;
            log(LogLevel::info, LogTopic::dispatch,
                fmt::format("chosen for '{}' ({}): {} {:.4f} ms of {} candidates", graph_.layers[i].name,
                            graph_.layers[i].qualifiedName(), c.name(), c.milliseconds, lists_[i]->candidates.size()));
        }
    }

    void describe(proto::Plan& plan) const {
        plan.set_tenon_version(TENON_VERSION);
        plan.set_threads(options_.threads);
        plan.set_device_description(device_ == nullptr ? describeHost(options_.threads) : device_->description());
    }

    Graph graph_;
    const Registry& registry_;
    BuilderOptions options_;
    PassContext context_;
    abi::IDevice* device_ = nullptr;
    std::vector<const CandidateList*> lists_;
    std::map<std::tuple<int, Format, Format>, double> conversions_;
};

}  // namespace

PlanContents buildNestedPlan(Graph graph, const Registry& registry, const BuilderOptions& options) {
    PassContext context{registry, options.fallback, {}};
    runPasses(graph, context);
    const BoundGraph bound = bindToAnyShape(graph, context);
    Tuner tuner(registry, options, nullptr);
    return Assembler(bound, registry, tuner, options)(std::vector<Decision>(graph.layers.size()), "cpu");
}

namespace {
std::string missingHelp(const Registry& registry) {
    std::string text = "\nsearched for libraries in:";
    for (const std::string& place : registry.searched())
        text += "\n    " + place;
    return text +
           "\ngive the library that implements it with --plugin FILE or in TENON_PLUGIN_PATH; `tenon plugins list` shows what "
           "was found";
}
}  // namespace

Blob buildPlan(const Network& network, const Registry& registry, const BuilderOptions& options) {
    try {
        return Build(network, registry, options)();
    } catch (const Error& e) {
        const std::string what = e.what();
        if (what.find("no implementation of") == std::string::npos) throw;
        throw Error(ErrorCode::unsupported, what + missingHelp(registry));
    }
}

}  // namespace tenon
