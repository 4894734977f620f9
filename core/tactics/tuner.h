// Lists and measures candidates; identical problems once, remembered ones never.
#pragma once

#include <tenon/timing_cache.h>

#include "candidate.h"

#include <chrono>

namespace tenon {

class Tuner {
public:
    // `device` null: the CPU. The references must outlive the tuner.
    Tuner(const Registry& registry, const BuilderOptions& options, abi::IDevice* device);

    // Candidates of the layer with milliseconds, on the target device, else (none there) on the CPU. Never empty: throws Error
    // that explains who declined why.
    const CandidateList& tune(const LayerInstance& instance);
    // The same for one problem at fixed formats, for reformats: the best candidate, or null when none converts so.
    const Candidate* reformat(DataType type, const Dims& dims, const Format& from, const Format& to);
    // Estimated milliseconds of a copy between host and device.
    static double copyMilliseconds(std::size_t bytes);

    int measured() const { return measured_; }
    int remembered() const { return remembered_; }

private:
    CandidateList listAll(const LayerInstance& instance);
    void time(const LayerInstance& instance, CandidateList& list);
    void keepAccepted(const LayerInstance& instance, CandidateList& list) const;
    void verifyAll(const LayerInstance& instance, CandidateList& list, const std::vector<TensorValue>& inputs) const;
    std::string key(const LayerInstance& instance, const Candidate& candidate) const;
    abi::IDevice* deviceOf(const Candidate& candidate) const;
    bool isBudgetSpent() const;

    const Registry& registry_;
    const BuilderOptions& options_;
    abi::IDevice* device_;
    std::string hostDescription_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::map<std::string, CandidateList> lists_;
    std::map<std::string, std::optional<Candidate>> reformats_;
    TimingCache ownCache_;
    TimingCache& cache_;
    int measured_ = 0, remembered_ = 0;
};

// "Intel(R) Xeon(R) Processor, 2 threads": what a measurement on this host depends on.
std::string describeHost(int threads);

}  // namespace tenon
