// loss = -weight[t] x[t] at the target class t of each position, by itself, summed or as a weighted mean; x is given as
// logarithms or becomes log softmax(x) over the classes (ONNX NegativeLogLikelihoodLoss, SoftmaxCrossEntropyLoss opset 12 and
// later).
#include "axis_split.h"
#include "statistics.h"

namespace tenon::reference {
using namespace sdk;

// One struct for both: F states the name, the outputs, and whether x becomes a log softmax.
template <class F>
struct CrossEntropy {
    std::optional<std::int64_t> ignoreIndex;
    std::string reduction = "mean";
    static constexpr Identity identity{.name = F::kName, .since = 12};
    static constexpr auto formats = F::kFormats;
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "ignore_index", &CrossEntropy::ignoreIndex, "target that does not count; default: none"),
            attr(2, "reduction", &CrossEntropy::reduction, "what becomes of the positions' losses").oneOf("none|sum|mean")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() < 2 || x[1].rank() != x[0].rank() - 1)
            throw Error("scores of rank " + std::to_string(x[0].rank()) + " and targets of rank " + std::to_string(x[1].rank()));
        for (int i = 0; i < x[1].rank(); ++i) {
            const Dim &target = x[1][i], &score = x[0][i == 0 ? 0 : i + 1];
            if (target.isConstant() && score.isConstant() && !target.same(score))
                throw Error("dimension " + std::to_string(i) + " of the targets is " + std::to_string(target.value()) +
                            ", must be " + std::to_string(score.value()));
        }
        if (x.has(2)) checkPerChannel(x[2], x[0][1], "weight");
        y[0] = reduction == "none" ? x[1].dims() : Shape::ofRank(0);
        if (y.has(1)) y[1] = x[0].dims();
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() {
            if (l.inputType(1) == DataType::i64) reduce<E>(l, l.input<std::int64_t>(1));
            else reduce<E>(l, l.input<std::int32_t>(1));
        });
    }

private:
    template <class E, class I>
    void reduce(const Launch& l, View<const I> target) const {
        using C = Compute<E>;
        const View<const E> x = l.input<E>(0);
        const E* weight = l.hasInput(2) ? l.input<E>(2).data : nullptr;
        const AxisSplit s = splitAt(x.dims, 1);
        double sum = 0, weights = 0;
        for (std::int64_t i = 0; i < s.lines(); ++i) {
            const E* scores = x.data + s.start(i);
            const double norm = F::kIsSoftmax ? logSumExp(scores, s) : 0.0;
            if (l.hasOutput(1))
                for (std::int64_t c = 0; c < s.extent; ++c)
                    l.output<E>(1)[s.start(i) + c * s.inner] = elementFrom<E>(C(scores[c * s.inner]) - norm);
            const bool counts = !ignoreIndex || static_cast<std::int64_t>(target[i]) != *ignoreIndex;
            if (counts && (target[i] < 0 || target[i] >= s.extent))
                throw Error("target " + std::to_string(target[i]) + " is outside the " + std::to_string(s.extent) + " classes");
            const double w = !counts ? 0.0 : weight == nullptr ? 1.0 : static_cast<double>(C(weight[target[i]]));
            const double loss = counts ? -w * (C(scores[target[i] * s.inner]) - norm) : 0.0;
            if (reduction == "none") l.output<E>(0)[i] = elementFrom<E>(loss);
            sum += loss;
            weights += w;
        }
        if (reduction != "none") l.output<E>(0)[0] = elementFrom<E>(reduction == "mean" ? sum / weights : sum);
    }
    template <class E>
    static double logSumExp(const E* x, const AxisSplit& s) {
        double top = -std::numeric_limits<double>::infinity(), sum = 0;
        for (std::int64_t c = 0; c < s.extent; ++c)
            top = std::max<double>(top, Compute<E>(x[c * s.inner]));
        for (std::int64_t c = 0; c < s.extent; ++c)
            sum += std::exp(Compute<E>(x[c * s.inner]) - top);
        return top + std::log(sum);
    }
};

struct NegativeLogLikelihoodOf {
    static constexpr const char* kName = "NegativeLogLikelihoodLoss";
    static constexpr bool kIsSoftmax = false;
    static constexpr Slot T = var('T', floats);
    static constexpr auto kFormats = rows(row(in(T, Slot(i32 | i64), optional(T)), out(T)));
};
struct SoftmaxCrossEntropyOf {
    static constexpr const char* kName = "SoftmaxCrossEntropyLoss";
    static constexpr bool kIsSoftmax = true;
    static constexpr Slot T = var('T', floats);
    static constexpr auto kFormats = rows(row(in(T, Slot(i32 | i64), optional(T)), out(T, optional(T))));
};

}  // namespace tenon::reference

TENON_OPERATORS(cross_entropy, tenon::reference::CrossEntropy<tenon::reference::NegativeLogLikelihoodOf>,
                tenon::reference::CrossEntropy<tenon::reference::SoftmaxCrossEntropyOf>)
