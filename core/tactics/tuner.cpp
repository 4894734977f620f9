#include "tuner.h"

#include <tenon/abi/extensions.h>
#include <tenon/error.h>
#include <tenon/logger.h>

#include "compare.h"
#include "layer_runner.h"
#include "runtime/tensor_desc.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

namespace tenon {

namespace {
constexpr double kHopeless = 4;     // a candidate this many times slower than the best is not measured further
constexpr double kHostGflops = 20;  // for estimates only
constexpr double kHostGbytes = 8;
constexpr double kFallbackPenalty = 8;  // estimated slowness of the portable kernels

// From flops and bytes, or the bytes of the tensors when the plugin does not say.
double estimate(const LayerInstance& instance, const Candidate& c, const Registry& registry, const std::string& fallback) {
    double bytes = 0, flops = 0;
    for (const auto& list : {instance.inputDescs(c), instance.outputDescs(c)})
        for (const abi::DynamicTensorDesc& d : list)
            bytes += static_cast<double>(storageBytes({d.opt, d.desc.type, d.desc.layout, d.desc.location, 0}));
    try {
        const PluginPtr plugin = configuredPlugin(instance, c, registry);
        if (auto* cost = static_cast<abi::ICost*>(plugin->extension(abi::ICost::kId))) {
            flops = cost->flops();
            bytes = std::max(bytes, cost->bytes());
        }
    } catch (const Error&) {
        return INFINITY;
    }
    const double ms = flops / (kHostGflops * 1e6) + bytes / (kHostGbytes * 1e6) + 1e-4;
    return c.creator->implementation == fallback ? ms * kFallbackPenalty : ms;
}
}  // namespace

std::string describeHost(int threads) {
    std::ifstream info("/proc/cpuinfo");
    std::string line, model = "unknown processor";
    while (std::getline(info, line))
        if (line.starts_with("model name")) {
            model = line.substr(std::min(line.find(": ") + 2, line.size()));
            break;
        }
    return model + ", " + std::to_string(threads) + " threads";
}

Tuner::Tuner(const Registry& registry, const BuilderOptions& options, abi::IDevice* device)
    : registry_(registry),
      options_(options),
      device_(device),
      hostDescription_(describeHost(options.threads)),
      cache_(options.timingCache != nullptr ? *options.timingCache : ownCache_) {}

abi::IDevice* Tuner::deviceOf(const Candidate& c) const { return c.creator->device == "cpu" ? nullptr : device_; }

std::string Tuner::key(const LayerInstance& instance, const Candidate& c) const {
    return fmt::format("{} | {} | {} | {:016x}", instance.problem.toString(), c.name(),
                       c.creator->device == "cpu" ? hostDescription_ : device_->description(),
                       registry_.digest(c.creator->library));
}

bool Tuner::isBudgetSpent() const {
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin_;
    return options_.timingBudgetSeconds > 0 && spent.count() > options_.timingBudgetSeconds;
}

CandidateList Tuner::listAll(const LayerInstance& instance) {
    CandidateList list;
    if (device_ != nullptr && instance.shapesKnown) list = listCandidates(instance, registry_, options_, device_->name());
    if (!list.candidates.empty()) return list;
    CandidateList host = listCandidates(instance, registry_, options_, "cpu");
    host.declined.insert(host.declined.begin(), list.declined.begin(), list.declined.end());
    return host;
}

void Tuner::keepAccepted(const LayerInstance& instance, CandidateList& list) const {
    if (!options_.accept) return;
    std::erase_if(list.candidates, [&](const Candidate& c) {
        return !options_.accept(
            {instance.layer.name, instance.problem.toString(), c.creator->implementation, c.formats(), c.tactic, c.milliseconds});
    });
}

// Candidates whose output differs from the fallback's may not win.
void Tuner::verifyAll(const LayerInstance& instance, CandidateList& list, const std::vector<TensorValue>& inputs) const {
    const auto reference = std::find_if(list.candidates.begin(), list.candidates.end(),
                                        [&](const Candidate& c) { return c.creator->implementation == options_.fallback; });
    if (reference == list.candidates.end()) return;
    LayerRunner runner(instance, *reference, registry_, deviceOf(*reference), inputs);
    runner.enqueue();
    const auto expected = runner.outputs();
    std::erase_if(list.candidates, [&](const Candidate& c) {
        LayerRunner other(instance, c, registry_, deviceOf(c), inputs);
        other.enqueue();
        const auto values = other.outputs();
        for (std::size_t i = 0; i < values.size(); ++i) {
            const Difference d = compare(values[i], expected[i], 1e-2, 1e-3);
            if (d.ok() || values[i].type == DataType::undefined) continue;
            list.declined.push_back(fmt::format("{}: wrong result: output {}: {} elements differ from {} {}", c.name(), i,
                                                d.wrong, options_.fallback, d.mismatch));
            log(LogLevel::warning, LogTopic::dispatch, list.declined.back());
            return true;
        }
        return false;
    });
}

void Tuner::time(const LayerInstance& instance, CandidateList& list) {
    std::vector<TensorValue> inputs;  // made when the first measurement needs them
    double best = INFINITY;
    const bool hasLists = std::any_of(instance.inputTypes.begin(), instance.inputTypes.end(), abi::isComposite);  // not made up
    const bool onlyEstimates = options_.optimizationLevel == 0 || !instance.shapesKnown || hasLists;
    if (options_.verifyCandidates && instance.shapesKnown && !hasLists)
        verifyAll(instance, list, inputs = randomInputs(instance, 1));
    std::vector<Candidate> timed;
    for (Candidate& c : list.candidates) {
        if (onlyEstimates || isBudgetSpent()) {
            c.isEstimate = true;
            if (instance.shapesKnown) c.milliseconds = estimate(instance, c, registry_, options_.fallback);
            else c.milliseconds = c.creator->implementation == options_.fallback ? 0 : 1;  // the one that takes every shape
        } else if (const auto known = cache_.find(key(instance, c))) {
            c.milliseconds = *known;
            ++remembered_;
        } else {
            try {
                if (inputs.empty()) inputs = randomInputs(instance, 1);
                LayerRunner runner(instance, c, registry_, deviceOf(c), inputs);
                c.milliseconds = runner.measure(options_.optimizationLevel, best * kHopeless);
                cache_.insert(key(instance, c), c.milliseconds);
                ++measured_;
            } catch (const Error& e) {
                list.declined.push_back(c.name() + ": " + e.what());
                continue;
            }
        }
        best = c.isEstimate ? best : std::min(best, c.milliseconds);
        timed.push_back(c);
    }
    list.candidates = std::move(timed);
}

const CandidateList& Tuner::tune(const LayerInstance& instance) {
    const std::string problem = instance.problem.toString() + (instance.shapesKnown ? "" : " ?");
    const auto found = lists_.find(problem);
    if (found != lists_.end()) return found->second;
    CandidateList list = listAll(instance);
    time(instance, list);
    keepAccepted(instance, list);
    if (list.candidates.empty())
        throw Error(ErrorCode::unsupported,
                    explainMissing(registry_, instance.layer, list.declined) + "\n    problem: " + problem);
    if (isLogged(LogTopic::dispatch)) {
        log(LogLevel::info, LogTopic::dispatch, problem);
        for (const Candidate& c : list.candidates)
            log(LogLevel::info, LogTopic::dispatch,
                fmt::format("  {:<60} {}", c.name(),
                            c.milliseconds < 0 ? "not timed"
                                               : fmt::format("{:.4f} ms{}", c.milliseconds, c.isEstimate ? " (estimate)" : "")));
        for (const std::string& reason : list.declined)
            log(LogLevel::info, LogTopic::dispatch, "  declined: " + reason);
    }
    return lists_.emplace(problem, std::move(list)).first->second;
}

const Candidate* Tuner::reformat(DataType type, const Dims& dims, const Format& from, const Format& to) {
    LayerInstance instance;
    instance.layer.name = abi::kReformatName;
    instance.layer.domain = abi::kReformatDomain;
    instance.layer.op = abi::kReformatName;
    instance.layer.source = "reformat";
    instance.layer.inputs = {0};
    instance.layer.outputs = {1};
    instance.inputTypes = instance.outputTypes = {type};
    instance.inputRanges = instance.outputRanges = {{dims, dims, dims}};
    instance.inputContent.resize(1);
    instance.problem = {instance.layer.domain, instance.layer.op, 0, {}, {{type, dims, false, std::nullopt, false}}, {true}};
    const std::string problem = fmt::format("{} {}->{} {}", instance.problem.toString(), layoutName(from.layout),
                                            layoutName(to.layout), static_cast<int>(from.location));
    const auto [slot, isNew] = reformats_.try_emplace(problem);
    if (isNew) {
        const bool onDevice = from.location == abi::Location::device;
        CandidateList list =
            listCandidates(instance, registry_, options_, onDevice && device_ != nullptr ? device_->name() : "cpu");
        std::erase_if(list.candidates, [&](const Candidate& c) { return c.inputs[0] != from || c.outputs[0] != to; });
        time(instance, list);
        const auto best =
            std::min_element(list.candidates.begin(), list.candidates.end(),
                             [](const Candidate& a, const Candidate& b) { return a.milliseconds < b.milliseconds; });
        if (best != list.candidates.end()) slot->second = *best;
        for (const Candidate& c : list.candidates)
            log(LogLevel::info, LogTopic::dispatch, fmt::format("{}: {} {:.4f} ms", problem, c.name(), c.milliseconds));
    }
    return slot->second ? &*slot->second : nullptr;
}

double Tuner::copyMilliseconds(std::size_t bytes) { return 0.01 + static_cast<double>(bytes) / (10 * 1e6); }

}  // namespace tenon
