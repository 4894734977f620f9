// s = input + skip + bias; y = (s - mean(s)) / sqrt(variance(s) + epsilon) * gamma + beta over the last axis, or, simplified,
// y = s / sqrt(mean(s^2) + epsilon) * gamma (com.microsoft SkipLayerNormalization, SkipSimplifiedLayerNormalization).
#include "contrib.h"
#include "row_normalization.h"

namespace tenon::microsoft {
using namespace sdk;

// F states the name, the inputs beta and bias (their numbers), and normalizes one row.
template <class F>
struct SkipNormalization {
    float epsilon = F::kEpsilon;
    static constexpr Identity identity = contrib(F::kName);
    static constexpr Slot T = var('T', floats), U = f32;
    static constexpr auto formats = rows(row(F::inputs(T), out(T, optional(U), optional(U), optional(T))));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "epsilon", &SkipNormalization::epsilon, "added to the variance")};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = i == 1 || i == 2 ? DataType::f32 : in[0];
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() < 1) throw Error("the input must have rank 1 or more");
        y[0] = x[0].dims();
        checkSkip(x[0], x[1]);
        for (int i = 2; i < x.count(); ++i)
            if (x.has(i))
                reference::checkPerChannel(x[i], x[0][x[0].rank() - 1], i == 2 ? "gamma" : i == F::kBias ? "bias" : "beta");
        for (int i = 1; i < y.count(); ++i) {
            y[i] = x[0].dims();
            if (i < 3) y[i][x[0].rank() - 1] = 1;
        }
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    // Skip has the last dims of the input, and ones before them if anything.
    static void checkSkip(const Shape& x, const Shape& skip) {
        reference::checkBroadcastsTo(x, skip, "skip");
        bool repeats = false;
        for (int back = 1; back <= skip.rank(); ++back) {
            const Dim &d = skip[skip.rank() - back], &wanted = x[x.rank() - back];
            if (repeats && d.isConstant() && !d.is(1)) throw Error("only leading dims of skip may be broadcast");
            repeats = repeats || (d.is(1) && wanted.isConstant() && !wanted.is(1));
        }
    }
    template <class E>
    void runAs(const Launch& l) const {
        const auto x = l.input<E>(0), skip = l.input<E>(1);
        const E* bias = dataOf<E>(l, F::kBias);
        const RowScale<E> scale{l.input<E>(2).data, F::kBeta > 0 ? dataOf<E>(l, F::kBeta) : nullptr};
        E* sums = l.hasOutput(3) ? l.output<E>(3).data : nullptr;
        const auto y = l.output<E>(0);
        forRows(x.dims, [&](std::int64_t row, std::int64_t n) {
            std::vector<Compute<E>> sum(static_cast<std::size_t>(n));
            const std::int64_t at = row * n;
            for (std::int64_t i = 0; i < n; ++i) {
                Compute<E> v = Compute<E>(x[at + i]) + Compute<E>(skip[(at + i) % skip.size()]);
                if (bias != nullptr) v += Compute<E>(bias[i]);
                sum[static_cast<std::size_t>(i)] = v;
                if (sums != nullptr) sums[at + i] = E(v);
            }
            const reference::Moments m = F::moments(sum.data(), n);
            normalizeRow(sum.data(), n, m, epsilon, scale, y.data + at);
            if (l.hasOutput(1)) l.output<float>(1)[row] = static_cast<float>(m.mean);
            if (l.hasOutput(2)) l.output<float>(2)[row] = static_cast<float>(m.inverseDeviation(epsilon));
        });
    }
};

struct SkipLayerOf {
    static constexpr const char* kName = "SkipLayerNormalization";
    static constexpr int kBeta = 3, kBias = 4;
    static constexpr float kEpsilon = 1e-12F;
    static constexpr Slots inputs(Slot t) { return in(t, t, t, optional(t), optional(t)); }
    template <class C>
    static reference::Moments moments(const C* x, std::int64_t n) {
        return reference::momentsOf(x, n);
    }
};

struct SkipSimplifiedLayerOf {
    static constexpr const char* kName = "SkipSimplifiedLayerNormalization";
    static constexpr int kBeta = -1, kBias = 3;
    static constexpr float kEpsilon = 1e-12F;
    static constexpr Slots inputs(Slot t) { return in(t, t, t, optional(t)); }
    template <class C>
    static reference::Moments moments(const C* x, std::int64_t n) {
        return momentsAboutZero(x, n);
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(skip_layer_normalization, tenon::microsoft::SkipNormalization<tenon::microsoft::SkipLayerOf>,
                tenon::microsoft::SkipNormalization<tenon::microsoft::SkipSimplifiedLayerOf>)
