// Running an engine again and again on several contexts, and what that measured.
#pragma once

#include <tenon/engine.h>

#include <string>
#include <vector>

#include "common_options.h"

namespace tenon::cli {

struct BenchOptions {
    int iterations = 10;  // at least, of all contexts together
    double warmUp = 200;  // milliseconds
    double duration = 3;  // seconds, at least
    int streams = 1;      // contexts, each on a thread of its own
    std::uint64_t seed = 1;
    bool profileRuns = false;  // time layers during the measurement
};

// One query; milliseconds since the measurement began.
struct QueryTime {
    int stream = 0;
    double begin = 0, enqueued = 0, end = 0;
    double latency() const { return end - begin; }
    double enqueueTime() const { return enqueued - begin; }
};

struct LayerTimes {
    StepInfo step;
    std::vector<double> milliseconds;  // one for each run
};

struct BenchResult {
    std::size_t warmUpQueries = 0;
    double warmUpMilliseconds = 0;
    std::vector<QueryTime> queries;  // by end
    double wallMilliseconds = 0;
    std::vector<LayerTimes> layers;  // of the first context; empty unless profiled
    MemoryReport memory;             // of one context
};

// Throws the first Error that a context met.
BenchResult runBench(const Engine& engine, const CommonOptions& common, const BenchOptions& options);
// Runs one context `iterations` times with the profiler on.
std::vector<LayerTimes> profileLayers(const Engine& engine, const CommonOptions& common, const BenchOptions& options);

}  // namespace tenon::cli
