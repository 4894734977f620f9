// Remembered measurements, keyed by problem, candidate, device and library digests.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace tenon {

// [any thread]
class TimingCache {
public:
    TimingCache() = default;
    // Reads a cache file; a missing file gives an empty cache, a damaged one too, with a warning that says what was wrong.
    static void load(const std::string& path, TimingCache& cache);
    // Writes to a temporary name and renames. Throws Error.
    void save(const std::string& path) const;

    // Milliseconds of the candidate, when they were measured before.
    std::optional<double> find(const std::string& key) const;
    void insert(const std::string& key, double milliseconds);
    std::size_t size() const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, double> entries_;
};

}  // namespace tenon
