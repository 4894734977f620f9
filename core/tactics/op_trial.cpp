#include "op_trial.h"

#include <tenon/error.h>

#include "compare.h"
#include "layer_runner.h"
#include "runtime/host_run.h"
#include "runtime/host_threads.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tenon {

namespace {
class Trial {
public:
    Trial(const Problem& problem, const Registry& registry, const BuilderOptions& options, std::uint64_t seed,
          const Tolerance& tolerance)
        : registry_(registry),
          options_(options),
          tolerance_(tolerance),
          context_{registry, options.fallback, {}},
          instance_(prepare(problem, seed)) {}

    std::vector<OpResult> operator()() {
        expected_ = reference();
        if (!instance_.shapesKnown) {
            tryDynamic();
            return std::move(results_);
        }
        tryDevice("cpu", nullptr);
        std::string why;
        if (options_.device != "cpu")
            if (abi::IDevice* device = registry_.device(options_.device, &why)) tryDevice(options_.device, device);
        return std::move(results_);
    }

private:
    // Integer inputs whose content decides shapes have it in the text; the others are drawn.
    LayerInstance prepare(const Problem& problem, std::uint64_t seed) {
        LayerInstance instance = instanceOf(problem, context_);
        inputs_ = randomInputs(instance, seed);
        return instance;
    }

    std::vector<TensorValue> reference() {
        const CreatorRecord* creator = nullptr;
        const PluginPtr plugin = shapePlugin(instance_.layer, context_, &creator, nullptr);
        std::vector<bool> wanted = instance_.problem.outputs;
        auto values = runOnHost(*plugin, *creator, inputs_, wanted, instance_.layer.source);
        for (TensorValue& v : values)
            if (v.type != DataType::undefined) v = ownedCopy(v);  // the plugin ends here
        return values;
    }

    // Layers whose output size is known only after running: every CPU implementation on dense tensors.
    void tryDynamic() {
        for (const CreatorRecord* creator : creatorsFor(registry_, instance_.layer)) {
            if (creator->device != "cpu") continue;
            OpResult r{creator->implementation, "linear", "", "", false, "", 0, -1};
            try {
                const PluginPtr plugin = createPlugin(registry_, *creator, instance_.layer);
                judge(r, runOnHost(*plugin, *creator, inputs_, instance_.problem.outputs, instance_.layer.source));
            } catch (const Error& e) {
                r.declined = e.what();
            }
            results_.push_back(std::move(r));
        }
    }

    void tryDevice(const std::string& name, abi::IDevice* device) {
        const CandidateList list = listCandidates(instance_, registry_, options_, name);
        for (const Candidate& c : list.candidates)
            tryCandidate(c, device);
        for (const std::string& reason : list.declined) {
            const std::size_t colon = std::min(reason.find(": "), reason.size());
            OpResult r{reason.substr(0, colon), "", "", reason.substr(std::min(colon + 2, reason.size())), false, "", 0, -1};
            results_.push_back(std::move(r));
        }
    }

    void tryCandidate(const Candidate& c, abi::IDevice* device) {
        OpResult r{c.creator->implementation, c.formats(), c.tactic, "", false, "", 0, -1};
        try {
            LayerRunner runner(instance_, c, registry_, device, inputs_);
            runner.enqueue();
            judge(r, runner.outputs());
            if (options_.optimizationLevel > 0) r.milliseconds = runner.measure(options_.optimizationLevel, INFINITY);
        } catch (const Error& e) {
            if (e.code() == ErrorCode::unsupported) r.declined = e.what();
            else r.difference = e.what();
        }
        results_.push_back(std::move(r));
    }

    void judge(OpResult& r, const std::vector<TensorValue>& values) const {
        r.ok = true;
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (!instance_.problem.outputs[i]) continue;
            const bool half = values[i].type == DataType::f16 || values[i].type == DataType::bf16;
            const double scale = half ? (values[i].type == DataType::f16 ? 50 : 400) : 1;
            double largest = 1;  // rounding errors grow with the tensor's range
            if (expected_[i].type == DataType::f32)
                for (std::int64_t k = 0; k < elementCount(expected_[i].dims); ++k) {
                    const double v = std::fabs(reinterpret_cast<const float*>(expected_[i].data.data())[k]);
                    if (std::isfinite(v)) largest = std::max(largest, v);
                }
            const Difference d =
                compare(values[i], expected_[i], tolerance_.relative * scale, tolerance_.absolute * scale * largest);
            r.maxRelativeError = std::max(r.maxRelativeError, d.maxRelative);
            if (d.ok()) continue;
            r.ok = false;
            r.difference = fmt::format(
                "output {}: {}", i,
                d.mismatch.empty() ? fmt::format("{} elements differ, most by {:.3g}", d.wrong, d.maxAbsolute) : d.mismatch);
        }
    }

    const Registry& registry_;
    const BuilderOptions& options_;
    Tolerance tolerance_;
    PassContext context_;
    std::vector<TensorValue> inputs_;
    LayerInstance instance_;
    std::vector<TensorValue> expected_;
    std::vector<OpResult> results_;
};
}  // namespace

std::vector<OpResult> tryProblem(const Problem& problem, const Registry& registry, const BuilderOptions& options,
                                 std::uint64_t seed, const Tolerance& tolerance) {
    const ThreadScope threads(options.threads);
    return Trial(problem, registry, options, seed, tolerance)();
}

}  // namespace tenon
