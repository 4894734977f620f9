// Attention of tokens to each other: q, k and v come from one projection, (batches, tokens, q k v), and keys and values of
// earlier tokens from `past`, (2, batches, heads, tokens, head size).
#pragma once

#include "attention_mask.h"
#include "contrib.h"
#include "key_value_cache.h"
#include "row_normalization.h"

namespace tenon::microsoft {

// The optional inputs by their numbers; those that an operator lacks are `kAbsent`.
struct SelfAttentionInputs {
    static constexpr int kAbsent = sdk::kMaxSlots;
    int mask = kAbsent, past = kAbsent, bias = kAbsent, pastLength = kAbsent;
};

struct SelfAttention {
    std::int64_t heads = 1;
    float maskFilter = -10000.0F, scale = 0.0F;
    bool doRotary = false, sharesBuffer = false, unidirectional = false;

    // Ids 1 to 6; operators go on with 7.
    static constexpr auto selfAttributes() {
        using sdk::attr;
        using A = SelfAttention;
        return std::tuple{
            attr(1, "do_rotary", &A::doRotary, "rotary position embedding; not available"),
            attr(2, "mask_filter_value", &A::maskFilter, "added to the scores of keys that the mask hides"),
            attr(3, "num_heads", &A::heads, "number of heads").required().range(1, INT32_MAX),
            attr(4, "past_present_share_buffer", &A::sharesBuffer, "past and present hold the longest sequence"),
            attr(5, "scale", &A::scale, "factor of the scores; 0: 1 / sqrt(head size)"),
            attr(6, "unidirectional", &A::unidirectional, "whether tokens attend only to themselves and earlier ones")};
    }
    void checkRotary() const {
        if (doRotary) throw sdk::declined("do_rotary has no defined tables of angles; use RotaryEmbedding");
    }

    // Shape rule for input dims (batches, tokens, ...) and the columns of the projection.
    void inferSelf(sdk::Shapes x, sdk::Shapes y, const SelfAttentionInputs& in, const sdk::Dim& queryWidth,
                   const sdk::Dim& valueWidth) const {
        using sdk::Dim, sdk::Shape;
        const Dim batches = x[0][0], queries = x[0][1], size = perHead(queryWidth, heads, "the weights");
        const bool sameSize = !queryWidth.isConstant() || !valueWidth.isConstant() || queryWidth.same(valueWidth);
        if (!sameSize && (x.has(in.past) || y.count() > 1))
            throw sdk::Error("'past' and 'present' need keys and values of one size");
        const Dim past = x.has(in.past) ? checkPast(x, in, size) : Dim(0), keys = past + queries;
        if (x.has(in.mask) && !sharesBuffer) AttentionMask::check(x[in.mask], batches, queries, keys, keys);
        if (x.has(in.bias)) checkAttentionBias(x[in.bias], Shape{batches, heads, queries, sharesBuffer ? Dim::unknown() : keys});
        y[0] = Shape{batches, queries, valueWidth};
        if (y.count() > 1) y[1] = Shape{2, batches, heads, sharesBuffer && x.has(in.past) ? past : keys, size};
    }
    // Attends with the projections `qkv`; `size.keys` is found here.
    template <class E>
    void attendSelf(const sdk::Launch& l, const SelfAttentionInputs& in, AttentionSize s, const std::vector<E>& qkv) const {
        const std::int64_t past = pastTokens(l, in), keyAt = heads * s.headSize, columns = 2 * keyAt + heads * s.valueSize;
        s.keys = s.queries + past;
        const auto part = [&](std::int64_t at, std::int64_t size) {
            return Heads<const E>{qkv.data() + at, s.queries * columns, size, columns};
        };
        const Cache<E> k = gather<E>(l, in, s, part(keyAt, s.headSize), 0),
                       v = gather<E>(l, in, s, part(2 * keyAt, s.valueSize), 1);
        const AttentionMask mask(l, in.mask, s, maskFilter);
        const AttentionBias<E> bias(l, in.bias, s.keys);
        attend<E>(s, scaleOf(scale, s.headSize), part(0, s.headSize), k.read(), v.read(),
                  tokensFirst(l.output<E>(0).data, heads, s.queries, s.valueSize), [&](ScoreRow row, auto scores) {
                      mask.addTo(row, scores);
                      bias.addTo(row, scores);
                      softmaxWithin(scores, 0, unidirectional ? past + row.query + 1 : s.keys);
                  });
    }

private:
    sdk::Dim checkPast(const sdk::Shapes& x, const SelfAttentionInputs& in, const sdk::Dim& size) const {
        expectRank(x[in.past], 5, "past");
        const sdk::Dim wanted[] = {2, x[0][0], heads, x[in.past][3], size};
        for (int d = 0; d < 5; ++d)
            expectDim(x[in.past][d], wanted[d], "past");
        if (sharesBuffer && !x.has(in.pastLength)) throw sdk::Error("past_present_share_buffer needs past_sequence_length");
        if (sharesBuffer && x[in.pastLength].elements().isConstant() && !x[in.pastLength].elements().is(1))
            throw sdk::Error("past_sequence_length must be one number");
        return x[in.past][3];
    }
    std::int64_t pastTokens(const sdk::Launch& l, const SelfAttentionInputs& in) const {
        if (!l.hasInput(in.past)) return 0;
        const std::int64_t most = l.inputDesc(in.past).dims.d[3];
        if (!sharesBuffer) return most;
        const std::int64_t past = l.input<std::int32_t>(in.pastLength)[0];
        if (past < 0 || past > most - l.inputDesc(0).dims.d[1])
            throw sdk::Error("past_sequence_length " + std::to_string(past) + " in a buffer of " + std::to_string(most) +
                             " tokens");
        return past;
    }
    // The keys (part 0) or values (part 1) of all tokens.
    template <class E>
    Cache<E> gather(const sdk::Launch& l, const SelfAttentionInputs& in, const AttentionSize& s, Heads<const E> fresh,
                    int part) const {
        const std::int64_t size = part == 0 ? s.headSize : s.valueSize, past = s.keys - s.queries;
        const std::int64_t longest = l.hasInput(in.past) ? l.inputDesc(in.past).dims.d[3] : 0,
                           rows = sharesBuffer ? std::max(longest, s.keys) : s.keys;
        E* present = l.hasOutput(1) ? l.output<E>(1).data + part * s.batches * heads * rows * size : nullptr;
        Cache<E> cache(present, s, heads, rows, size);
        if (longest > 0) {
            const E* from = l.input<E>(in.past).data + part * s.batches * heads * longest * size;
            cache.put(headsFirst(from, heads, longest, size), longest, 0);
        }
        cache.put(fresh, s.queries, past);
        return cache;
    }
};

}  // namespace tenon::microsoft
