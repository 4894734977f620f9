// y = b + sum over window and channels of x w, with groups, strides, dilations and padding (ONNX Conv opset 1 and later):
// by cuDNN, and by one thread an output.
#include "block_copy.h"
#include "conv_problem.h"
#include "kernels/pointwise.h"
#include "tf32.h"
#include "window.h"

namespace tenon::cuda {
using namespace sdk;

inline constexpr Slot kConvType = var('T', floats);
// Weights and bias are constants as a rule, and those are linear.
constexpr Row convRow(Layout layout) {
    return row(in(kConvType.as(layout), kConvType, optional(kConvType)), out(kConvType.as(layout)));
}
inline constexpr auto kConvRows = rows(convRow(Layout::linear), convRow(Layout::channelsLast));

inline void inferConv(const reference::ConvolutionAttributes& op, Shapes x, Shapes y) {
    y[0] = op.convolved(x[0], x[1]);
    if (x.has(2)) op.checkBias(x[2], x[1][0]);
}

inline bool isEmpty(const abi::Dims& d) { return elementCount(d) == 0; }

// Weights in the memory order of a channels-last filter.
inline Walk<2> filterWalk(const abi::Dims& weights) {
    abi::TensorDesc linear{}, channelsLast{};
    linear.dims = channelsLast.dims = weights;
    channelsLast.layout = Layout::channelsLast;
    const Strides from = stridesOf(linear), to = stridesOf(channelsLast);
    Walk<2> w;
    for (const int d : memoryOrder(channelsLast)) {
        const auto axis = static_cast<std::size_t>(d);
        w.enclose(weights.d[d], {to[axis], from[axis]});
    }
    return w;
}

// Scratch memory is, in this order: x with explicit padding, weights in channels-last order, what cuDNN wants.
class CudnnConv : public reference::ConvolutionAttributes {
public:
    static constexpr Identity identity{.name = "Conv", .since = 1, .implementation = "cuda.cudnn"};
    static constexpr const char* device = kDevice;
    static constexpr auto formats = kConvRows;
    static constexpr auto attributes() { return convolutionAttributes(); }
    void infer(Shapes x, Shapes y) const { inferConv(*this, x, y); }

    void configure(const Layer& l) {
        const abi::DynamicTensorDesc &x = l.inputRange(0), &w = l.inputRange(1), &y = l.outputRange(0);
        problem_.reset();
        if (isEmpty(x.opt) || isEmpty(w.opt) || isEmpty(y.opt)) return;
        problem_ = problemOf(x.desc, x.opt, w.opt, y.opt);
        way_ = find(l.input(0).type, l.tactic());
        const auto ways = convWays(l.input(0).type);
        if (way_ != nullptr && !(needed_ = problem_->workspace(*way_))) way_ = nullptr;
        for (std::size_t i = 0; i < 2 && way_ == nullptr; ++i)
            if ((needed_ = problem_->workspace(ways[i]))) way_ = &ways[i];
        if (way_ == nullptr) throw declined("cuDNN has no algorithm for this convolution");
    }

    std::vector<Tactic> tactics(const Layer& l) const {
        std::vector<Tactic> list;
        for (const ConvWay& way : convWays(l.input(0).type))
            list.push_back({way.name, whyNot(way, l)});
        return list;
    }

    std::uint64_t workspace(const Layer& l) const {
        if (!problem_) return 0;
        const std::uint64_t atOpt = scratch(*problem_, l) + *needed_;
        if (l.isConcrete()) return atOpt;
        const abi::DynamicTensorDesc &x = l.inputRange(0), &w = l.inputRange(1), &y = l.outputRange(0);
        if (isEmpty(x.max) || isEmpty(w.max) || isEmpty(y.max)) return atOpt;
        const auto largest = problemOf(x.desc, x.max, w.max, y.max);
        return std::max(atOpt, scratch(*largest, l) + largest->workspace(*way_).value_or(0));
    }

    std::uint64_t packedSize(int input, const Layer& l) const {
        if (input != 1 || l.input(0).layout != Layout::channelsLast) return 0;
        return static_cast<std::uint64_t>(elementCount(l.input(1).dims) * elementBytes(l.input(1).type));
    }
    void pack(int, const Layer& l, const void* from, void* to) const {
        const Walk<2> w = filterWalk(l.input(1).dims);
        dispatchSize(l.input(1).type, [&]<class E>() { packElements(w, static_cast<const E*>(from), static_cast<E*>(to)); });
    }

    void run(const Launch& l) const {
        if (isEmpty(l.outputDesc(0).dims)) return;
        if (!problem_) throw Error("the input or the weights have no elements", Status::declined);
        auto* scratchMemory = static_cast<std::byte*>(l.workspace());
        ConvProblem::Tensors t{
            paddedInput(l, scratchMemory), orderedWeights(l, scratchMemory), nullptr, l.outputData(0), nullptr, 0};
        if (l.hasInput(2)) t.bias = l.inputData(2);
        t.workspace = scratchMemory;
        t.workspaceSize = l.workspaceSize() - static_cast<std::uint64_t>(scratchMemory - static_cast<std::byte*>(l.workspace()));
        const ConvWay& way = wayWithin(t.workspaceSize, l.inputType(0));
        problem_->run(way, t, streamOf(l));
        if (l.hasInput(2) && !way.addsBias) addChannelBias(l);
    }

private:
    static constexpr std::uint64_t kAlignment = 256;
    static std::uint64_t aligned(std::uint64_t size) { return (size + kAlignment - 1) / kAlignment * kAlignment; }

    std::shared_ptr<const ConvProblem> problemOf(abi::TensorDesc x, const abi::Dims& dims, const abi::Dims& w,
                                                 const abi::Dims& y) const {
        x.dims = dims;
        return std::make_shared<const ConvProblem>(*this, x, w, y);
    }
    static const ConvWay* find(DataType type, const std::string& name) {
        for (const ConvWay& way : convWays(type))
            if (name == way.name) return &way;
        return nullptr;
    }
    std::string whyNot(const ConvWay& way, const Layer& l) const {
        if (way.isTf32 && !tf32Allowed()) return kTf32Refusal;
        if (way.addsBias && !l.hasInput(2)) return "there is no bias";
        if (problem_ && !problem_->workspace(way)) return "cuDNN does not support it for this convolution";
        return "";
    }
    static bool ordersWeights(const Layer& l) { return l.input(0).layout == Layout::channelsLast && !l.isPacked(1); }
    static std::uint64_t scratch(const ConvProblem& p, const Layer& l) {
        const auto bytes = static_cast<std::uint64_t>(elementBytes(l.input(0).type));
        std::uint64_t size = 0;
        if (p.needsPadding()) size += aligned(static_cast<std::uint64_t>(elementCount(p.padded().dims)) * bytes);
        if (ordersWeights(l)) size += aligned(static_cast<std::uint64_t>(elementCount(l.inputRange(1).max)) * bytes);
        return size;
    }
    template <class E>
    static void packElements(const Walk<2>& w, const E* from, E* to) {
        for (std::int64_t i = 0; i < w.count; ++i) {
            std::int64_t left = i, source = 0, target = 0;
            for (int d = 0; d < w.rank; left /= w.extent[d++]) {
                target += left % w.extent[d] * w.stride[0][d];
                source += left % w.extent[d] * w.stride[1][d];
            }
            to[target] = from[source];
        }
    }
    // x, or its copy with zeros around it; moves `memory` behind the copy.
    const void* paddedInput(const Launch& l, std::byte*& memory) const {
        if (!problem_->needsPadding()) return l.inputData(0);
        const abi::TensorDesc &x = l.inputDesc(0), &padded = problem_->padded();
        void* copy = memory;
        const std::int64_t count = elementCount(padded.dims);
        memory += aligned(static_cast<std::uint64_t>(count) * static_cast<std::uint64_t>(elementBytes(x.type)));
        cuda::check(fill(copy, count, elementBytes(x.type), nullptr, streamOf(l)));
        Box inside = wholeOf(padded);
        for (int i = 0; i < problem_->windows().rank; ++i)
            inside.offset += problem_->windows()[i].padBegin * inside.strides[static_cast<std::size_t>(i) + 2];
        copyBox(l, x.dims, memoryOrder(x), inside, copy, wholeOf(x), l.inputData(0), x.type);
        return copy;
    }
    const void* orderedWeights(const Launch& l, std::byte*& memory) const {
        if (!ordersWeights(l.layer())) return l.inputData(1);
        const abi::TensorDesc& w = l.inputDesc(1);
        void* copy = memory;
        memory += aligned(static_cast<std::uint64_t>(elementCount(w.dims) * elementBytes(w.type)));
        check(copyStrided(filterWalk(w.dims), elementBytes(w.type), copy, l.inputData(1), streamOf(l)));
        return copy;
    }
    // The chosen way, or one that makes do with less where a shape needs more than the profile's shapes did.
    const ConvWay& wayWithin(std::uint64_t available, DataType type) const {
        if (*needed_ <= available) return *way_;
        for (const ConvWay& way : convWays(type).first(2)) {
            const auto size = problem_->workspace(way);
            if (size && *size <= available) return way;
        }
        throw Error("no algorithm works within " + std::to_string(available) + " bytes of workspace", Status::outOfMemory);
    }
    static void addChannelBias(const Launch& l) {
        const abi::TensorDesc& y = l.outputDesc(0);
        const std::int64_t channels = y.dims.d[1],
                           inner = y.layout == Layout::channelsLast ? 1 : elementCount(y.dims) / (y.dims.d[0] * channels);
        check(addBias(y.type, elementCount(y.dims) / channels / inner, channels, inner, l.outputData(0), l.inputData(2),
                      l.outputData(0), streamOf(l)));
    }

    std::shared_ptr<const ConvProblem> problem_;  // null: some tensor has no elements
    const ConvWay* way_ = nullptr;
    std::optional<std::uint64_t> needed_;
};

struct KernelConv : reference::ConvolutionAttributes {
    static constexpr Identity identity{.name = "Conv", .since = 1, .implementation = "cuda.kernel"};
    static constexpr const char* device = kDevice;
    static constexpr auto formats = kConvRows;
    static constexpr auto attributes() { return convolutionAttributes(); }
    void infer(Shapes x, Shapes y) const { inferConv(*this, x, y); }
    void configure(const Layer& l) const {
        if (l.input(0).dims.rank - 2 > kSpatial) throw declined("more than 3 spatial axes");
    }
    void run(const Launch& l) const {
        const abi::TensorDesc &x = l.inputDesc(0), &w = l.inputDesc(1), &y = l.outputDesc(0);
        if (isEmpty(y.dims)) return;
        const ConvolutionShape shape{poolShape(x, y.dims.d[1], windowsOf(x, w, y)), x.dims.d[1], group};
        check(cuda::convolve(x.type, shape, l.inputData(0), l.inputData(1), l.hasInput(2) ? l.inputData(2) : nullptr,
                             l.outputData(0), streamOf(l)));
    }
};

}  // namespace tenon::cuda

TENON_OPERATORS(conv, tenon::cuda::CudnnConv, tenon::cuda::KernelConv)
