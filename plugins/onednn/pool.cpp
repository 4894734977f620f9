// y = maximum or mean of each window (ONNX MaxPool and AveragePool, newest forms).
#include "../reference/pooling.h"
#include "kernel.h"
#include "layouts.h"
#include "window_steps.h"

namespace tenon::onednn {
using namespace sdk;
using dnnl::algorithm;

// Pooling of one input by the window's steps.
inline void addPooling(algorithm kind, const Tensor& x, const Tensor& y, const Steps& s, Calls& calls) {
    const memory::desc from = descOf(x), to = descOf(y);
    const std::vector<Operand> operands{{DNNL_ARG_SRC, from, Place::input}, {DNNL_ARG_DST, to, Place::output}};
    constexpr auto kInference = dnnl::prop_kind::forward_inference;
    if (std::ranges::all_of(s.dilations, [](std::int64_t d) { return d == 0; })) {
        const dnnl::pooling_forward::desc operation(kInference, kind, from, to, s.strides, s.kernel, s.begin, s.end);
        calls.add(dnnl::pooling_forward::primitive_desc(operation, userScratchpad(), cpu()), operands);
    } else {
        const dnnl::pooling_v2_forward::desc operation(kInference, kind, from, to, s.strides, s.kernel, s.dilations, s.begin,
                                                       s.end);
        calls.add(dnnl::pooling_v2_forward::primitive_desc(operation, userScratchpad(), cpu()), operands);
    }
}

struct Pooling : reference::Pooling, Kernel {
    static constexpr auto formats = inEachLayout(row(f32, f32));
    void infer(Shapes x, Shapes y) const { y[0] = pooled(x[0]); }
};

struct MaxPool : Pooling {
    std::int64_t storageOrder = 0;
    static constexpr Identity identity{.name = "MaxPool", .since = 1};
    static constexpr auto attributes() {
        return std::tuple_cat(poolingAttributes(), std::tuple{attr(7, "storage_order", &MaxPool::storageOrder,
                                                                   "of indices, which this implementation does not give")});
    }

    void configure(const Layer& layer) {
        prepare(layer, [&](const Instance& at, Calls& calls) {
            if (at.output().elements() == 0) return;
            addPooling(algorithm::pooling_max, at.input(0), at.output(),
                       windowSteps(*this, kernelShape, at.input(0), at.output()), calls);
        });
    }
};

struct AveragePool : Pooling {
    bool countIncludePad = false;
    static constexpr Identity identity{.name = "AveragePool", .since = 1};
    static constexpr auto attributes() {
        return std::tuple_cat(poolingAttributes(), std::tuple{attr(7, "count_include_pad", &AveragePool::countIncludePad,
                                                                   "whether padding counts in the mean")});
    }

    void configure(const Layer& layer) {
        prepare(layer, [&](const Instance& at, Calls& calls) {
            if (at.output().elements() == 0) return;
            const Steps steps = windowSteps(*this, kernelShape, at.input(0), at.output());
            if (countIncludePad && reachesBeyondPadding(steps))
                throw declined("count_include_pad with windows beyond the padding");
            addPooling(countIncludePad ? algorithm::pooling_avg_include_padding : algorithm::pooling_avg_exclude_padding,
                       at.input(0), at.output(), steps, calls);
        });
    }

private:
    // oneDNN counts every element of a window; ONNX not those that ceil_mode adds after the padding.
    bool reachesBeyondPadding(const Steps& s) const {
        for (std::size_t i = 0; i < s.end.size(); ++i)
            if (s.end[i] > s.padding[i]) return true;
        return false;
    }
};

}  // namespace tenon::onednn

TENON_OPERATORS(pool, tenon::onednn::AveragePool, tenon::onednn::MaxPool)
