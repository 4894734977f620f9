#include "bench_report.h"

#include <tenon/builder.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>

namespace tenon::cli {

namespace {
constexpr double kMiB = 1 << 20;

double sum(const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); }

// The smallest value that `percent` of the sorted values do not exceed.
double percentile(const std::vector<double>& sorted, double percent) {
    if (sorted.empty()) return 0;
    const auto rank = static_cast<std::size_t>(std::ceil(percent / 100 * static_cast<double>(sorted.size())));
    return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

double median(std::vector<double> v) {
    std::sort(v.begin(), v.end());
    if (v.empty()) return 0;
    return v.size() % 2 == 1 ? v[v.size() / 2] : (v[v.size() / 2 - 1] + v[v.size() / 2]) / 2;
}

void printTimes(const char* name, std::vector<double> v) {
    std::sort(v.begin(), v.end());
    fmt::print("{}: min = {:.6g} ms, max = {:.6g} ms, mean = {:.6g} ms, median = {:.6g} ms", name, v.front(), v.back(),
               sum(v) / static_cast<double>(v.size()), median(v));
    for (const int p : {90, 95, 99})
        fmt::print(", percentile({}%) = {:.6g} ms", p, percentile(v, p));
    fmt::print("\n");
}

template <class F>
std::vector<double> each(const std::vector<QueryTime>& queries, F&& value) {
    std::vector<double> v;
    for (const QueryTime& q : queries)
        v.push_back(value(q));
    return v;
}

void printAverages(const std::vector<QueryTime>& queries, int avgRuns) {
    const auto window = static_cast<std::size_t>(avgRuns);
    for (std::size_t i = 0; window > 0 && i + window <= queries.size(); i += window) {
        double total = 0;
        for (std::size_t k = i; k < i + window; ++k)
            total += queries[k].latency();
        fmt::print("Average on {} runs - latency: {:.6g} ms\n", avgRuns, total / avgRuns);
    }
}

std::string quoted(const std::string& text) {
    std::string s = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') s += '\\';
        if (static_cast<unsigned char>(c) < 0x20) s += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else s += c;
    }
    return s + "\"";
}

double total(const std::vector<LayerTimes>& layers) {
    double all = 0;
    for (const LayerTimes& l : layers)
        all += sum(l.milliseconds);
    return all;
}
}  // namespace

void printSummary(const BenchResult& result, int avgRuns) {
    const auto& queries = result.queries;
    fmt::print("Warmup completed {} queries over {:.0f} ms\n", result.warmUpQueries, result.warmUpMilliseconds);
    fmt::print("Timing trace has {} queries over {:.6g} s\n", queries.size(), result.wallMilliseconds / 1000);
    if (queries.empty()) return;
    printAverages(queries, avgRuns);
    fmt::print("\n=== Performance summary ===\n");
    fmt::print("Throughput: {:.6g} qps\n", static_cast<double>(queries.size()) / result.wallMilliseconds * 1000);
    printTimes("Latency", each(queries, [](const QueryTime& q) { return q.latency(); }));
    printTimes("Enqueue Time", each(queries, [](const QueryTime& q) { return q.enqueueTime(); }));
    fmt::print("Total Host Walltime: {:.6g} s\n", result.wallMilliseconds / 1000);
}

void printMemory(const BenchResult& result) {
    const MemoryReport& m = result.memory;
    fmt::print("Context memory: host arena {:.2f} MiB, device arena {:.2f} MiB (lower bound {:.2f} MiB)\n",
               static_cast<double>(m.hostArena) / kMiB, static_cast<double>(m.deviceArena) / kMiB,
               static_cast<double>(m.lowerBound) / kMiB);
    fmt::print("Weights: host {:.2f} MiB, device {:.2f} MiB\n", static_cast<double>(m.hostWeights) / kMiB,
               static_cast<double>(m.deviceWeights) / kMiB);
    fmt::print("Peak memory of the process: {:.2f} MiB\n", static_cast<double>(processMemory("VmHWM")) / kMiB);
}

void printProfile(const std::vector<LayerTimes>& layers) {
    if (layers.empty()) return;
    const double all = total(layers);
    const std::size_t runs = layers.front().milliseconds.size();
    fmt::print("\n=== Profile ({} iterations) ===\n", runs);
    fmt::print("{:>12} {:>12} {:>12} {:>7}  {:<32} {:<16} {}\n", "Time (ms)", "Avg. (ms)", "Median (ms)", "Time %", "Layer",
               "implementation", "tactic");
    for (const LayerTimes& l : layers) {
        const double time = sum(l.milliseconds);
        fmt::print("{:>12.3f} {:>12.5f} {:>12.5f} {:>7.1f}  {:<32} {:<16} {}\n", time,
                   time / static_cast<double>(l.milliseconds.size()), median(l.milliseconds), all > 0 ? time / all * 100 : 0,
                   l.step.name + " (" + l.step.op + ")", l.step.implementation, l.step.tactic);
    }
    fmt::print("{:>12.3f} {:>12.5f} {:>12} {:>7.1f}  Total\n", all, all / static_cast<double>(runs), "", 100.0);
}

void exportTimes(const std::string& path, const BenchResult& result) {
    std::string json = "[\n";
    for (std::size_t i = 0; i < result.queries.size(); ++i) {
        const QueryTime& q = result.queries[i];
        json += fmt::format(
            "  {}{{\"stream\": {}, \"startEnqMs\": {:.6f}, \"endEnqMs\": {:.6f}, \"endMs\": {:.6f}, \"latencyMs\": {:.6f}}}\n",
            i == 0 ? "" : ", ", q.stream, q.begin, q.enqueued, q.end, q.latency());
    }
    json += "]\n";
    writeFile(path, std::as_bytes(std::span(json)));
}

void exportProfile(const std::string& path, const std::vector<LayerTimes>& layers) {
    const double all = total(layers);
    std::string json = fmt::format("[\n  {{\"count\": {}}}\n", layers.empty() ? 0 : layers.front().milliseconds.size());
    for (const LayerTimes& l : layers) {
        const double time = sum(l.milliseconds);
        json += fmt::format(
            "  , {{\"name\": {}, \"operator\": {}, \"implementation\": {}, \"tactic\": {}, \"timeMs\": {:.6f}, \"averageMs\": "
            "{:.6f}, "
            "\"medianMs\": {:.6f}, \"percentage\": {:.4f}}}\n",
            quoted(l.step.name), quoted(l.step.op), quoted(l.step.implementation), quoted(l.step.tactic), time,
            time / static_cast<double>(l.milliseconds.size()), median(l.milliseconds), all > 0 ? time / all * 100 : 0);
    }
    json += "]\n";
    writeFile(path, std::as_bytes(std::span(json)));
}

std::size_t processMemory(const std::string& key) {
    std::ifstream status("/proc/self/status");
    std::string line;
    while (std::getline(status, line))
        if (line.starts_with(key + ":"))
            return static_cast<std::size_t>(std::strtoull(line.c_str() + key.size() + 1, nullptr, 10)) << 10;
    return 0;
}

}  // namespace tenon::cli
