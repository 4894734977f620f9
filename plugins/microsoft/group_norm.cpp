// y = activation((s - mean) / sqrt(variance + epsilon) * gamma + beta) with the statistics of each group of channels, where
// s = x + skip + bias (com.microsoft SkipGroupNorm) or x itself (GroupNorm). The activation is none or v / (1 + exp(-v)).
#include "channels_last.h"
#include "contrib.h"
#include "row_normalization.h"

namespace tenon::microsoft {
using namespace sdk;

// F states the name, the formats, and the inputs skip and bias (their numbers, 0 for none).
template <class F>
struct GroupNormalizing {
    std::int64_t activation = 0, groups = 1;
    bool isLast = true;
    float epsilon = 1e-5F;
    static constexpr Identity identity = contrib(F::kName);
    static constexpr auto formats = F::formats();
    static constexpr auto attributes() {
        using Op = GroupNormalizing;
        return std::tuple{attr(1, "activation", &Op::activation, "0: none, 1: v / (1 + exp(-v))").required().range(0, 1),
                          attr(2, "channels_last", &Op::isLast, "whether channels are the last dimension"),
                          attr(3, "epsilon", &Op::epsilon, "added to the variance"),
                          attr(4, "groups", &Op::groups, "groups of channels").required().range(1, INT32_MAX)};
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank < 3) throw Error("needs batch, channels and more, found rank " + std::to_string(rank));
        const Dim channels = x[0][isLast ? rank - 1 : 1];
        if (channels.isConstant() && channels.value() % groups != 0)
            throw Error(std::to_string(channels.value()) + " channels do not divide into " + std::to_string(groups) + " groups");
        reference::checkPerChannel(x[1], channels, "gamma");
        reference::checkPerChannel(x[2], channels, "beta");
        if constexpr (F::kSkip > 0) {
            checkSkip(x[0], x[F::kSkip], channels);
            if (x.has(F::kBias)) reference::checkPerChannel(x[F::kBias], channels, "the bias");
        }
        for (int i = 0; i < y.count(); ++i)
            y[i] = x[0].dims();
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0),
                         [&]<class E>() { dispatch<floats>(l.inputType(1), [&]<class M>() { this->template runAs<E, M>(l); }); });
    }

private:
    // Skip has the dims of x, or one element for each batch and channel.
    static void checkSkip(const Shape& x, const Shape& skip, const Dim& channels) {
        const auto fits = [](const Dim& a, const Dim& b) { return !a.isConstant() || !b.isConstant() || a.same(b); };
        bool whole = skip.rank() == x.rank();
        for (int d = 0; whole && d < x.rank(); ++d)
            whole = fits(skip[d], x[d]);
        const Dim all = skip.elements(), perChannel = x[0] * channels;
        if (!whole && !fits(all, perChannel))
            throw Error("skip has neither the dims of x nor one element for each batch and channel");
    }
    template <class E, class M>
    void runAs(const Launch& l) const {
        const auto x = l.input<E>(0);
        const auto y = l.output<E>(0);
        if (x.size() == 0) return;
        const std::int64_t channels = isLast ? x.dims.back() : x.dim(1), elements = x.size() / x.dim(0) / channels;
        const ChannelLayout layout{channels, elements, isLast};
        const std::vector<Compute<E>> sums = summed<E>(l, layout);
        const std::int64_t perGroup = channels / groups, count = perGroup * elements;
        const M *gamma = l.input<M>(1).data, *beta = l.input<M>(2).data;
        parallelFor(x.dim(0) * groups, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t g = begin; g < end; ++g) {
                const auto visit = [&](auto&& f) {
                    for (std::int64_t i = 0; i < count; ++i)
                        f(layout.at(g / groups, g % groups * perGroup + i / elements, i % elements),
                          g % groups * perGroup + i / elements);
                };
                const reference::Moments m = reference::momentsOf(count, [&](auto&& f) {
                    visit([&](std::int64_t at, std::int64_t) { f(static_cast<double>(sums[static_cast<std::size_t>(at)])); });
                });
                const double inverse = m.inverseDeviation(epsilon);
                visit([&](std::int64_t at, std::int64_t c) {
                    const double v = (static_cast<double>(sums[static_cast<std::size_t>(at)]) - m.mean) * inverse *
                                         static_cast<double>(Compute<M>(gamma[c])) +
                                     static_cast<double>(Compute<M>(beta[c]));
                    y[at] = reference::elementFrom<E>(activation == 1 ? v / (1 + std::exp(-v)) : v);
                });
            }
        });
    }
    // x + skip + bias, which is also output 1.
    template <class E>
    static std::vector<Compute<E>> summed(const Launch& l, const ChannelLayout& layout) {
        using C = Compute<E>;
        const auto x = l.input<E>(0);
        std::vector<C> sums(x.begin(), x.end());
        if constexpr (F::kSkip > 0) {
            const auto skip = l.input<E>(F::kSkip);
            const E* bias = dataOf<E>(l, F::kBias);
            for (std::int64_t i = 0; i < x.size(); ++i) {
                const std::int64_t c = layout.channelOf(i), n = i / (layout.channels * layout.elements);
                C& v = sums[static_cast<std::size_t>(i)];
                v += C(skip[skip.size() == x.size() ? i : n * layout.channels + c]);
                if (bias != nullptr) v += C(bias[c]);
            }
            if (l.hasOutput(1)) std::copy(sums.begin(), sums.end(), l.output<E>(1).data);
        }
        return sums;
    }
};

struct GroupNormOf {
    static constexpr const char* kName = "GroupNorm";
    static constexpr int kSkip = 0, kBias = 0;
    static constexpr auto formats() {
        constexpr Slot T = var('T', floats), M = var('M', floats);
        return rows(row(T, M, M, T));
    }
};
struct SkipGroupNormOf {
    static constexpr const char* kName = "SkipGroupNorm";
    static constexpr int kSkip = 3, kBias = 4;
    static constexpr auto formats() {
        constexpr Slot T = var('T', floats), M = var('M', floats);
        return rows(row(in(T, M, M, T, optional(T)), out(T, optional(T))));
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(group_norm, tenon::microsoft::GroupNormalizing<tenon::microsoft::GroupNormOf>,
                tenon::microsoft::GroupNormalizing<tenon::microsoft::SkipGroupNormOf>)
