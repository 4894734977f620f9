// Runs one candidate on real memory: for timing, and for checking its results.
#pragma once

#include "candidate.h"
#include "runtime/memory.h"

namespace tenon {

// Dense inputs for an instance: its known content, else random floats in [-1, 1) and small non-negative integers, from the seed.
std::vector<TensorValue> randomInputs(const LayerInstance& instance, std::uint64_t seed);

class LayerRunner {
public:
    // `device` null: a CPU candidate. Constant inputs are prepacked where the plugin wants it. Throws Error when the candidate
    // declines.
    LayerRunner(const LayerInstance& instance, const Candidate& candidate, const Registry& registry, abi::IDevice* device,
                const std::vector<TensorValue>& inputs);

    void enqueue();      // throws Error(pluginFailure)
    void synchronize();  // waits for the device
    // Milliseconds of one run: minimum over repetitions whose length doubles. Stops early once hopeless (slower than `hopeless`
    // ms).
    double measure(int level, double hopeless);
    // The outputs of the last run, converted to linear layout; data-dependent sizes trimmed.
    std::vector<TensorValue> outputs();
    const abi::IPlugin& plugin() const { return *plugin_; }

private:
    void place(std::size_t input, const TensorValue& value);
    double timeRuns(int count);

    const LayerInstance& instance_;
    PluginPtr plugin_;
    abi::IDevice* device_;
    Stream stream_;
    std::vector<abi::TensorDesc> inputDescs_, outputDescs_;
    std::vector<Memory> memory_;
    std::vector<const void*> in_;
    std::vector<void*> out_;
    Memory workspace_;
    abi::EnqueueArgs args_{};
    void* begin_ = nullptr;
    void* end_ = nullptr;
    std::shared_ptr<void> events_;
};

}  // namespace tenon
