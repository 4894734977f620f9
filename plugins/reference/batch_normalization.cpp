// y = (x - mean) / sqrt(var + epsilon) * scale + bias per channel, with given statistics, or with those of the batch when
// training (ONNX BatchNormalization opset 9 and later).
#include "axis_split.h"
#include "statistics.h"

namespace tenon::reference {
using namespace sdk;

struct BatchNormalization {
    float epsilon = 1e-5F, momentum = 0.9F;
    bool trainingMode = false;
    static constexpr Identity identity{.name = "BatchNormalization", .since = 1};
    static constexpr Slot T = var('T', floats), U = var('U', floats), V = var('V', floats);
    static constexpr auto formats = rows(row(in(T, U, U, V, V), out(T, optional(V), optional(V))));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "epsilon", &BatchNormalization::epsilon, "added to the variance"),
                          attr(2, "momentum", &BatchNormalization::momentum, "weight of the old running statistics"),
                          attr(3, "training_mode", &BatchNormalization::trainingMode, "whether the batch's statistics are used")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        for (int i = 1; i < y.count(); ++i)
            y[i] = x[i + 2].dims();
        constexpr const char* kNames[] = {"scale", "bias", "mean", "var"};
        if (x[0].rank() == 0) throw Error("the input must have rank 1 at least");
        for (int i = 1; i < 5; ++i)
            checkPerChannel(x[i], x[0].rank() == 1 ? Dim(1) : x[0][1], kNames[i - 1]);
    }
    void run(const Launch& l) const {
        const AxisSplit s = splitAt(dimsOf(l.inputDesc(0)), 1);
        dispatch<floats>(l.inputType(0), [&]<class E>() {
            parallelFor(s.extent, std::max<std::int64_t>(1, 16384 / std::max<std::int64_t>(s.lines(), 1)),
                        [&](auto begin, auto end) {
                            for (std::int64_t c = begin; c < end; ++c)
                                channel(l, s, c, l.input<E>(0).data, l.output<E>(0).data);
                        });
        });
    }

private:
    template <class E>
    void channel(const Launch& l, const AxisSplit& s, std::int64_t c, const E* x, E* y) const {
        using C = Compute<E>;
        const auto visit = [&](auto&& f) {
            for (std::int64_t n = 0; n < s.outer; ++n)
                for (std::int64_t i = 0; i < s.inner; ++i)
                    f((n * s.extent + c) * s.inner + i);
        };
        const Moments given{numberAt(l, 3, c), numberAt(l, 4, c)};
        const Moments used = trainingMode && s.lines() > 0
                                 ? momentsOf(s.lines(), [&](auto&& f) { visit([&](std::int64_t at) { f(C(x[at])); }); })
                                 : given;
        const auto mean = static_cast<C>(used.mean), bias = static_cast<C>(numberAt(l, 2, c));
        const auto factor = static_cast<C>(numberAt(l, 1, c) * used.inverseDeviation(epsilon));
        visit([&](std::int64_t at) { y[at] = E((C(x[at]) - mean) * factor + bias); });
        const double old = trainingMode ? static_cast<double>(momentum) : 1.0;
        if (l.hasOutput(1)) setNumber(l, 1, c, given.mean * old + used.mean * (1 - old));
        if (l.hasOutput(2)) setNumber(l, 2, c, given.variance * old + used.variance * (1 - old));
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(batch_normalization, tenon::reference::BatchNormalization)
