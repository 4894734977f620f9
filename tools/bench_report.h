// The text and JSON reports of `tenon bench`, in trtexec's words.
#pragma once

#include <string>

#include "bench_runner.h"

namespace tenon::cli {

void printSummary(const BenchResult& result, int avgRuns);
void printMemory(const BenchResult& result);
void printProfile(const std::vector<LayerTimes>& layers);

// JSON files: every query's times; every layer's. Throw Error.
void exportTimes(const std::string& path, const BenchResult& result);
void exportProfile(const std::string& path, const std::vector<LayerTimes>& layers);

// "VmHWM", "RssAnon"... of this process, in bytes; 0 when unknown.
std::size_t processMemory(const std::string& key);

}  // namespace tenon::cli
