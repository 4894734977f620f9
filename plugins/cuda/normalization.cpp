// y = (x - mean) / sqrt(variance + epsilon) * scale + bias: the statistics are those of a row (ONNX LayerNormalization,
// RMSNormalization), of an image's channels (InstanceNormalization, GroupNormalization), or given (BatchNormalization).
#include "../reference/axis_split.h"
#include "../reference/broadcast.h"
#include "../reference/statistics.h"
#include "cuda_op.h"
#include "kernels/reduce.h"

namespace tenon::cuda {
using namespace sdk;

// Declines scales and biases that are broadcast, rather than one number for each normalized element.
inline void needOnePerElement(const Layer& l, int input, std::int64_t axis) {
    if (!l.hasInput(input)) return;
    const abi::Dims &x = l.input(0).dims, &p = l.input(input).dims;
    const int first = static_cast<int>(axis < 0 ? axis + x.rank : axis);
    bool same = p.rank <= x.rank;
    for (int back = 1; same && back <= x.rank; ++back) {
        const std::int64_t size = back <= p.rank ? p.d[p.rank - back] : 1;
        same = size == (x.rank - back >= first ? x.d[x.rank - back] : 1);
    }
    if (!same) throw declined("input " + std::to_string(input) + " is not one number for each normalized element");
}

struct LayerNormalization {
    std::int64_t axis = -1;
    float epsilon = 1e-5F;
    DataType stashType = DataType::f32;
    static constexpr Identity identity{.name = "LayerNormalization", .since = 17, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, T, optional(T)), out(T, optional(f32), optional(f32))));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &LayerNormalization::axis, "first normalized dimension"),
                          attr(2, "epsilon", &LayerNormalization::epsilon, "added to the variance"),
                          attr(3, "stash_type", &LayerNormalization::stashType, "type of the outputs Mean and InvStdDev")};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        for (DataType& t : out)
            t = stashType;
        out[0] = in[0];
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        Shape kept = x[0].dims();
        for (int i = x[0].axis(axis); i < kept.rank(); ++i)
            kept[i] = 1;
        for (int i = 1; i < y.count(); ++i)
            y[i] = kept;
        reference::checkBroadcastsTo(x[0], x[1], "Scale");
        if (x.has(2)) reference::checkBroadcastsTo(x[0], x[2], "B");
    }
    void configure(const Layer& l) const {
        needOnePerElement(l, 1, axis);
        needOnePerElement(l, 2, axis);
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const reference::AxisSplit s = reference::splitAt(dims, axis, static_cast<std::int64_t>(dims.size()));
        const auto statistic = [&](int i) { return l.hasOutput(i) ? l.output<float>(i).data : nullptr; };
        const void* bias = l.hasInput(2) ? l.inputData(2) : nullptr;
        check(normalize({s.outer, s.extent, 1, 0, 1, epsilon, true}, l.inputType(0), l.inputData(0), l.inputData(1), bias,
                        l.outputData(0), statistic(1), statistic(2), streamOf(l)));
    }
};

struct RmsNormalization {
    std::int64_t axis = -1, stashType = 1;
    float epsilon = 1e-5F;
    static constexpr Identity identity{.name = "RMSNormalization", .since = 23, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &RmsNormalization::axis, "first normalized dimension"),
                          attr(2, "epsilon", &RmsNormalization::epsilon, "added to the mean of squares"),
                          attr(3, "stash_type", &RmsNormalization::stashType, "type of the first stage; float at least is used")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        x[0].axis(axis);
        reference::checkBroadcastsTo(x[0], x[1], "scale");
    }
    void configure(const Layer& l) const { needOnePerElement(l, 1, axis); }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const reference::AxisSplit s = reference::splitAt(dims, axis, static_cast<std::int64_t>(dims.size()));
        check(normalize({s.outer, s.extent, 1, 0, 1, epsilon, false}, l.inputType(0), l.inputData(0), l.inputData(1), nullptr,
                        l.outputData(0), nullptr, nullptr, streamOf(l)));
    }
};

// Normalizes `groups` runs of channels of every image; scale and bias are per channel.
inline void normalizeGroups(const Launch& l, std::int64_t groups, float epsilon) {
    const abi::Dims& x = l.inputDesc(0).dims;
    const std::int64_t count = elementCount(x), rows = x.d[0] * groups;
    if (count == 0) return;
    const std::int64_t perGroup = x.d[1] / groups, space = count / (x.d[0] * x.d[1]);
    check(normalize({rows, perGroup * space, groups, perGroup, space, epsilon, true}, l.inputType(0), l.inputData(0),
                    l.inputData(1), l.inputData(2), l.outputData(0), nullptr, nullptr, streamOf(l)));
}

inline void inferGroups(Shapes x, Shapes y) {
    y[0] = x[0].dims();
    if (x[0].rank() < 2) throw Error("the input must have rank 2 at least, found " + std::to_string(x[0].rank()));
    reference::checkPerChannel(x[1], x[0][1], "scale");
    reference::checkPerChannel(x[2], x[0][1], "bias");
}

struct InstanceNormalization {
    float epsilon = 1e-5F;
    static constexpr Identity identity{.name = "InstanceNormalization", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "epsilon", &InstanceNormalization::epsilon, "added to the variance")};
    }
    void infer(Shapes x, Shapes y) const { inferGroups(x, y); }
    void run(const Launch& l) const { normalizeGroups(l, l.inputDesc(0).dims.d[1], epsilon); }
};

struct GroupNormalization {
    float epsilon = 1e-5F;
    std::int64_t groupCount = 1, stashType = 1;
    static constexpr Identity identity{.name = "GroupNormalization", .since = 21, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T, T));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "epsilon", &GroupNormalization::epsilon, "added to the variance"),
            attr(2, "num_groups", &GroupNormalization::groupCount, "groups of channels").required().range(1, 1LL << 53),
            attr(3, "stash_type", &GroupNormalization::stashType, "type of the first stage; float at least is used")};
    }
    void infer(Shapes x, Shapes y) const {
        inferGroups(x, y);
        const Dim channels = x[0][1];
        if (channels.isConstant() && channels.value() % groupCount != 0)
            throw Error(std::to_string(channels.value()) + " channels do not divide into " + std::to_string(groupCount) +
                        " groups");
    }
    void configure(const Layer& l) const {
        for (const int i : {1, 2})
            if (l.inputRange(i).opt.d[0] != l.inputRange(0).opt.d[1])
                throw declined("scale and bias are per group, the form of opset 18");
    }
    void run(const Launch& l) const { normalizeGroups(l, groupCount, epsilon); }
};

struct BatchNormalization {
    float epsilon = 1e-5F, momentum = 0.9F;
    bool trainingMode = false;
    static constexpr Identity identity{.name = "BatchNormalization", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr Slot T = var('T', floats), X = T.with(kImageLayouts);
    static constexpr auto formats = rows(row(in(X, T, T, T, T), out(X)), row(in(X, f32, f32, f32, f32), out(X)));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "epsilon", &BatchNormalization::epsilon, "added to the variance"),
            attr(2, "momentum", &BatchNormalization::momentum, "weight of the old running statistics when training"),
            attr(3, "training_mode", &BatchNormalization::trainingMode, "must be 0")};
    }
    static constexpr int alias = 0;
    void check(const abi::LayerInfo&) const {
        if (trainingMode) throw declined("training_mode=1 is not offered");
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int) const { return pos != 5 || all[5].layout == all[0].layout; }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        constexpr const char* kNames[] = {"scale", "bias", "mean", "var"};
        if (x[0].rank() == 0) throw Error("the input must have rank 1 at least");
        for (int i = 1; i < 5; ++i)
            reference::checkPerChannel(x[i], x[0].rank() == 1 ? Dim(1) : x[0][1], kNames[i - 1]);
    }
    void run(const Launch& l) const {
        const abi::TensorDesc& x = l.inputDesc(0);
        const std::int64_t count = elementCount(x.dims), channels = x.dims.rank == 1 ? 1 : x.dims.d[1];
        if (count == 0) return;
        const std::int64_t inner = x.layout == Layout::channelsLast ? 1
                                   : x.dims.rank == 1               ? count
                                                                    : count / (x.dims.d[0] * channels);
        const ChannelParameters parameters{l.inputData(1), l.inputData(2), l.inputData(3), l.inputData(4)};
        cuda::check(normalizeChannels(x.type, l.inputType(1), count / channels / inner, channels, inner, l.inputData(0),
                                      parameters, epsilon, l.outputData(0), streamOf(l)));
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(normalization, tenon::cuda::BatchNormalization, tenon::cuda::GroupNormalization,
                tenon::cuda::InstanceNormalization, tenon::cuda::LayerNormalization, tenon::cuda::RmsNormalization)
