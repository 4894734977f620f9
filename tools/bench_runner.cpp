#include "bench_runner.h"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

#include "build_model.h"
#include "tensor_file.h"

namespace tenon::cli {

namespace {
using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// A context with random inputs, ready to enqueue.
class Stream {
public:
    Stream(const Engine& engine, const CommonOptions& common, std::uint64_t seed) : context_(engine.createContext()) {
        if (common.builder().threads > 0) context_->setThreads(common.builder().threads);
        for (const IoInfo& info : engine.inputs()) {
            inputs_.push_back(randomTensor(info.type, shapeToRun(info, common), seed + inputs_.size()));
            context_->setInputShape(info.name, inputs_.back().dims);
            context_->setInput(info.name, inputs_.back().data.data());
        }
        context_->prepare();
    }
    Context& context() { return *context_; }

    void profileInto(std::vector<LayerTimes>& layers) {
        context_->setProfiler([this, &layers](const StepInfo& step, double ms) {
            if (at_ == layers.size()) layers.push_back({step, {}});
            layers[at_++].milliseconds.push_back(ms);
        });
    }
    void run() {
        at_ = 0;
        context_->enqueue();
        context_->synchronize();
    }
    QueryTime runTimed(Clock::time_point begin) {
        QueryTime q;
        at_ = 0;
        q.begin = millisecondsSince(begin);
        context_->enqueue();
        q.enqueued = millisecondsSince(begin);
        context_->synchronize();
        q.end = millisecondsSince(begin);
        return q;
    }

private:
    std::unique_ptr<Context> context_;
    std::vector<TensorValue> inputs_;
    std::size_t at_ = 0;  // step of the run, while profiling
};

class Bench {
public:
    Bench(const Engine& engine, const CommonOptions& common, const BenchOptions& options)
        : engine_(engine), common_(common), options_(options), start_(options.streams) {}

    BenchResult operator()() {
        std::vector<std::thread> threads;
        for (int i = 0; i < options_.streams; ++i)
            threads.emplace_back([this, i] { work(i); });
        for (std::thread& t : threads)
            t.join();
        if (error_) std::rethrow_exception(error_);
        std::sort(result_.queries.begin(), result_.queries.end(),
                  [](const QueryTime& a, const QueryTime& b) { return a.end < b.end; });
        result_.wallMilliseconds = result_.queries.empty() ? 0 : result_.queries.back().end;
        return std::move(result_);
    }

private:
    void work(int index) {
        std::unique_ptr<Stream> stream;
        std::size_t warmUps = 0;
        const auto begin = Clock::now();
        attempt([&] {
            stream = std::make_unique<Stream>(engine_, common_, options_.seed);
            do {
                stream->run();
                ++warmUps;
            } while (millisecondsSince(begin) < options_.warmUp);
        });
        const double warmUpTime = millisecondsSince(begin);
        start_.arrive_and_wait();
        if (index == 0) begin_ = Clock::now();
        start_.arrive_and_wait();
        std::vector<QueryTime> queries;
        attempt([&] {
            if (index == 0 && options_.profileRuns) stream->profileInto(result_.layers);
            measure(index, *stream, queries);
        });
        const std::lock_guard lock(mutex_);
        result_.warmUpQueries += warmUps;
        result_.warmUpMilliseconds = std::max(result_.warmUpMilliseconds, warmUpTime);
        result_.queries.insert(result_.queries.end(), queries.begin(), queries.end());
        if (index == 0 && !failed_) result_.memory = stream->context().memory();
    }

    void measure(int index, Stream& stream, std::vector<QueryTime>& queries) {
        constexpr std::size_t kExpected = 1 << 16;
        queries.reserve(kExpected);
        while (!failed_ && (count_ < options_.iterations || millisecondsSince(begin_) < options_.duration * 1000)) {
            QueryTime q = stream.runTimed(begin_);
            q.stream = index;
            queries.push_back(q);
            ++count_;
        }
    }

    // The first failure of any thread is kept, and the others stop.
    template <class F>
    void attempt(F&& body) {
        if (failed_) return;
        try {
            body();
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!error_) error_ = std::current_exception();
            failed_ = true;
        }
    }

    const Engine& engine_;
    const CommonOptions& common_;
    const BenchOptions& options_;
    std::barrier<> start_;
    Clock::time_point begin_;
    std::atomic<int> count_{0};
    std::atomic<bool> failed_{false};
    std::mutex mutex_;
    std::exception_ptr error_;
    BenchResult result_;
};
}  // namespace

BenchResult runBench(const Engine& engine, const CommonOptions& common, const BenchOptions& options) {
    return Bench(engine, common, options)();
}

std::vector<LayerTimes> profileLayers(const Engine& engine, const CommonOptions& common, const BenchOptions& options) {
    Stream stream(engine, common, options.seed);
    stream.run();
    std::vector<LayerTimes> layers;
    stream.profileInto(layers);
    for (int i = 0; i < options.iterations; ++i)
        stream.run();
    return layers;
}

}  // namespace tenon::cli
