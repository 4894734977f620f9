#include <tenon/sdk/sdk.h>

using namespace tenon::sdk;

// y = max(x, 0) (ONNX Relu, opset 6) of float32: another implementation of a built-in operator, with two ways to run it.
struct FastRelu {
    static constexpr Identity identity{.name = "Relu", .since = 6, .implementation = "acme.fast"};
    static constexpr auto formats = rows(row(f32, f32).anyLayout());
    static constexpr int alias = 0;

    // One thread wins while waking the others costs more than they save; threads are not offered for tensors that are too small
    // for them.
    std::vector<Tactic> tactics(const Layer& l) const {
        const bool tooSmall = l.isConcrete() && elementCount(l.output(0).dims) < kChunk;
        return {{"one_thread"}, {"threads", tooSmall ? "fewer than 16384 elements" : ""}};
    }

    void run(const Launch& l) const {
        const View<const float> x = l.input<float>(0);
        const View<float> y = l.output<float>(0);
        if (l.tactic() == "threads")
            parallelFor(y.size(), kChunk, [&](std::int64_t begin, std::int64_t end) { kernel(x.data, y.data, begin, end); });
        else kernel(x.data, y.data, 0, y.size());
    }

private:
    static constexpr std::int64_t kChunk = 16384;

    // NaN stays NaN, as ONNX wants. The loop has no branch, so that the compiler uses vector instructions.
    static void kernel(const float* x, float* y, std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            y[i] = x[i] < 0 ? 0 : x[i];
    }
};
TENON_LIBRARY("acme_fast", "1.0.0", FastRelu)
