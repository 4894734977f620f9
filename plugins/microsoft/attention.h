// Scaled dot-product attention (Vaswani et al., Attention Is All You Need, 2017): for each head and query,
// y = sum over keys of p(key) v(key) with p = softmax(scale q . k + what the mask adds). Sums are kept in double.
#pragma once

#include "../reference/product.h"

#include <optional>

namespace tenon::microsoft {

struct AttentionSize {
    std::int64_t batches, heads, keyHeads, queries, keys, headSize, valueSize;
};

// The vectors of every batch, head and token, wherever they lie.
template <class E>
struct Heads {
    E* data = nullptr;
    std::int64_t batch = 0, head = 0, token = 0;  // steps, in elements
    E* at(std::int64_t b, std::int64_t h, std::int64_t t) const { return data + b * batch + h * head + t * token; }
};
// Dense (batches, heads, tokens, size).
template <class E>
Heads<E> headsFirst(E* data, std::int64_t heads, std::int64_t tokens, std::int64_t size) {
    return {data, heads * tokens * size, tokens * size, size};
}
// Dense (batches, tokens, heads, size).
template <class E>
Heads<E> tokensFirst(E* data, std::int64_t heads, std::int64_t tokens, std::int64_t size) {
    return {data, tokens * heads * size, size, heads * size};
}

// What one row of scores belongs to.
struct ScoreRow {
    std::int64_t batch, head, query;
};

// y = attention of q to k and v. weigh(row, scores) turns the scaled products of one query with all keys into probabilities.
template <class E, class W>
void attend(const AttentionSize& s, double scale, Heads<const E> q, Heads<const E> k, Heads<const E> v, Heads<E> y, W&& weigh) {
    using reference::Range;
    using Score = sdk::Compute<E>;
    // Rows of scores that exist at once: as many as a tile of the product has, fewer where they would take much memory.
    constexpr std::int64_t kMostScores = 1 << 22;
    const std::int64_t atOnce =
        std::clamp<std::int64_t>(kMostScores / std::max<std::int64_t>(s.keys, 1), 1, reference::kTileRows);
    const std::int64_t tiles = (s.queries + atOnce - 1) / atOnce;
    sdk::parallelFor(s.batches * s.heads * tiles, 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<Score> scores(static_cast<std::size_t>(std::min(atOnce, s.queries) * s.keys));
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t first = i % tiles * atOnce, count = std::min(atOnce, s.queries - first);
            const std::int64_t h = i / tiles % s.heads, b = i / tiles / s.heads, keyHead = h / (s.heads / s.keyHeads);
            const auto rowsOf = [](const auto* data, std::int64_t lane, std::int64_t depth) {
                return [=](std::int64_t, Range lanes, Range depths, auto& panel) {
                    reference::packMatrix(data, {lane, depth}, lanes, depths, panel);
                };
            };
            reference::forProducts<double>({1, count, s.keys, s.headSize}, rowsOf(q.at(b, h, first), q.token, 1),
                                           rowsOf(k.at(b, keyHead, 0), k.token, 1),
                                           [&](std::int64_t, std::int64_t m, std::int64_t n, double sum) {
                                               scores[static_cast<std::size_t>(m * s.keys + n)] = static_cast<Score>(sum * scale);
                                           });
            for (std::int64_t m = 0; m < count; ++m)
                weigh(ScoreRow{b, h, first + m},
                      std::span<Score>(scores).subspan(static_cast<std::size_t>(m * s.keys), static_cast<std::size_t>(s.keys)));
            reference::forProducts<double>({1, count, s.valueSize, s.keys}, rowsOf(scores.data(), s.keys, 1),
                                           rowsOf(v.at(b, keyHead, 0), 1, v.token),
                                           [&](std::int64_t, std::int64_t m, std::int64_t n, double sum) {
                                               y.at(b, h, first + m)[n] = reference::elementFrom<E>(sum);
                                           });
        }
    });
}

// scores = exp(scores) / (sum of exp(scores) + exp(sink)); without a sink the last term is left out.
template <class S>
void softmax(std::span<S> scores, std::optional<double> sink = {}) {
    S top = sink ? static_cast<S>(*sink) : -std::numeric_limits<S>::infinity();
    for (const S v : scores)
        top = std::max(top, v);
    double sum = sink ? std::exp(*sink - static_cast<double>(top)) : 0.0;
    for (S& v : scores) {
        v = std::exp(v - top);
        sum += static_cast<double>(v);
    }
    for (S& v : scores)
        v = static_cast<S>(static_cast<double>(v) / sum);
}

// The scores of the keys [first, last) become probabilities, those of the others 0.
template <class S>
void softmaxWithin(std::span<S> scores, std::int64_t first, std::int64_t last, std::optional<double> sink = {}) {
    std::fill(scores.begin(), scores.begin() + first, S(0));
    std::fill(scores.begin() + last, scores.end(), S(0));
    softmax(scores.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first)), sink);
}

// The addend of the scores that a tensor (batches or 1, heads or 1, queries, keys) gives.
template <class E>
class AttentionBias {
public:
    AttentionBias(const sdk::Launch& l, int input, std::int64_t keys) {
        if (!l.hasInput(input)) return;
        const auto bias = l.input<E>(input);
        if (bias.dim(3) != keys)
            throw sdk::Error("attention_bias has " + std::to_string(bias.dim(3)) + " columns for " + std::to_string(keys) +
                             " keys");
        const std::int64_t matrix = bias.dim(2) * keys;
        heads_ = {bias.data, bias.dim(0) == 1 ? 0 : bias.dim(1) * matrix, bias.dim(1) == 1 ? 0 : matrix, keys};
    }
    // To the scores of the keys from `first` on.
    template <class S>
    void addTo(ScoreRow row, std::span<S> scores, std::int64_t first = 0) const {
        if (heads_.data == nullptr) return;
        const E* from = heads_.at(row.batch, row.head, row.query) + first;
        for (std::size_t t = 0; t < scores.size(); ++t)
            scores[t] += S(sdk::Compute<E>(from[t]));
    }

private:
    Heads<const E> heads_;
};

// How many elements each of `heads` heads has of `hidden`, which they must divide.
inline sdk::Dim perHead(const sdk::Dim& hidden, std::int64_t heads, const char* what) {
    if (hidden.isConstant() && hidden.value() % heads != 0)
        throw sdk::Error(std::string(what) + ": " + std::to_string(hidden.value()) + " elements do not divide into " +
                         std::to_string(heads) + " heads");
    return floorDiv(hidden, heads);
}
inline double scaleOf(float scale, std::int64_t headSize) {
    return scale != 0.0F ? static_cast<double>(scale) : 1.0 / std::sqrt(static_cast<double>(headSize));
}

inline void expectDim(const sdk::Dim& found, const sdk::Dim& wanted, const char* what) {
    if (found.isConstant() && wanted.isConstant() && !found.same(wanted))
        throw sdk::Error(std::string(what) + " has a dimension " + std::to_string(found.value()) + ", must be " +
                         std::to_string(wanted.value()));
}
inline void expectRank(const sdk::Shape& shape, int rank, const char* what) {
    if (shape.rank() != rank)
        throw sdk::Error(std::string(what) + " must have rank " + std::to_string(rank) + ", found " +
                         std::to_string(shape.rank()));
}
inline void checkAttentionBias(const sdk::Shape& bias, const sdk::Shape& wanted) {
    expectRank(bias, 4, "attention_bias");
    for (int d = 0; d < 4; ++d)
        if (d > 1 || !bias[d].is(1)) expectDim(bias[d], wanted[d], "attention_bias");
}

}  // namespace tenon::microsoft
