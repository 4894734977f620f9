// y = (x - mean) / sqrt(variance + epsilon) * scale + bias with the statistics of the dims from `axis` on (ONNX
// LayerNormalization opset 17); y = x / sqrt(mean of squares + epsilon) * scale (ONNX RMSNormalization opset 23).
#include "axis_split.h"
#include "broadcast.h"
#include "statistics.h"

namespace tenon::reference {
using namespace sdk;

// y = y * scale + bias, both broadcast to the dims of y; absent ones are left out.
template <class E>
void scaleAndShift(const Launch& l, View<E> y) {
    const View<const E> soFar{y.data, y.dims, y.count};
    broadcastApply(soFar, l.input<E>(1), y, [](E v, E s) { return E(Compute<E>(v) * Compute<E>(s)); });
    if (l.hasInput(2)) broadcastApply(soFar, l.input<E>(2), y, [](E v, E b) { return E(Compute<E>(v) + Compute<E>(b)); });
}

// Calls body(row, first element, elements) for the rows that are normalized.
template <class F>
void forNormalizedRows(const Launch& l, std::int64_t axis, F&& body) {
    const auto dims = dimsOf(l.inputDesc(0));
    const AxisSplit s = splitAt(dims, axis, static_cast<std::int64_t>(dims.size()));
    forLines(s, [&](std::int64_t at) { body(at / s.extent, at, s.extent); });
}

struct LayerNormalization {
    std::int64_t axis = -1;
    float epsilon = 1e-5F;
    DataType stashType = DataType::f32;
    static constexpr Identity identity{.name = "LayerNormalization", .since = 17};
    static constexpr Slot T = var('T', floats), U = var('U', floats);
    static constexpr auto formats = rows(row(in(T, T, optional(T)), out(T, optional(U), optional(U))));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &LayerNormalization::axis, "first normalized dimension"),
                          attr(2, "epsilon", &LayerNormalization::epsilon, "added to the variance"),
                          attr(3, "stash_type", &LayerNormalization::stashType, "type of the outputs Mean and InvStdDev")};
    }
    void check(const abi::LayerInfo&) const {
        if (!floats.has(stashType))
            throw Error(std::string("stash_type must be a floating-point type, found ") + typeName(stashType));
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        for (DataType& t : out)
            t = stashType;
        out[0] = in[0];
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        const int first = x[0].axis(axis);
        Shape kept = x[0].dims();
        for (int i = first; i < kept.rank(); ++i)
            kept[i] = 1;
        for (int i = 1; i < y.count(); ++i)
            y[i] = kept;
        checkBroadcastsTo(x[0], x[1], "Scale");
        if (x.has(2)) checkBroadcastsTo(x[0], x[2], "B");
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() {
            const auto x = l.input<E>(0);
            const auto y = l.output<E>(0);
            using C = Compute<E>;
            for (int i = 1; x.size() == 0 && i < l.outputCount(); ++i)  // the statistics of nothing
                for (std::int64_t row = 0; l.hasOutput(i) && row < elementCount(l.outputDesc(i).dims); ++row)
                    setNumber(l, i, row, std::numeric_limits<double>::quiet_NaN());
            forNormalizedRows(l, axis, [&](std::int64_t row, std::int64_t at, std::int64_t n) {
                const Moments m = momentsOf(x.data + at, n);
                const double inverse = m.inverseDeviation(epsilon);
                const auto mean = static_cast<C>(m.mean), factor = static_cast<C>(inverse);
                for (std::int64_t i = at; i < at + n; ++i)
                    y[i] = E((C(x[i]) - mean) * factor);
                if (l.hasOutput(1)) setNumber(l, 1, row, m.mean);
                if (l.hasOutput(2)) setNumber(l, 2, row, inverse);
            });
            scaleAndShift(l, y);
        });
    }
};

struct RmsNormalization {
    std::int64_t axis = -1, stashType = 1;
    float epsilon = 1e-5F;
    static constexpr Identity identity{.name = "RMSNormalization", .since = 23};
    static constexpr Slot T = var('T', floats), V = var('V', floats);
    static constexpr auto formats = rows(row(T, V, V));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &RmsNormalization::axis, "first normalized dimension"),
                          attr(2, "epsilon", &RmsNormalization::epsilon, "added to the mean of squares"),
                          attr(3, "stash_type", &RmsNormalization::stashType, "type of the first stage; double is used for all")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        x[0].axis(axis);
        checkBroadcastsTo(x[0], x[1], "scale");
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() {
            dispatch<floats>(l.outputType(0), [&]<class Y>() {
                normalize(l, l.input<E>(0), l.output<Y>(0));
                scaleAndShift(l, l.output<Y>(0));
            });
        });
    }

private:
    template <class E, class Y>
    void normalize(const Launch& l, View<const E> x, View<Y> y) const {
        forNormalizedRows(l, axis, [&](std::int64_t, std::int64_t at, std::int64_t n) {
            double squares = 0;
            for (std::int64_t i = at; i < at + n; ++i)
                squares += static_cast<double>(Compute<E>(x[i])) * Compute<E>(x[i]);
            const double factor = 1 / std::sqrt(squares / static_cast<double>(n) + static_cast<double>(epsilon));
            for (std::int64_t i = at; i < at + n; ++i)
                y[i] = elementFrom<Y>(Compute<E>(x[i]) * factor);
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(layer_normalization, tenon::reference::LayerNormalization, tenon::reference::RmsNormalization)
