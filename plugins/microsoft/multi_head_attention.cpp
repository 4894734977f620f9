// y = attention of q to k and v, whose heads may come apart or packed together; a bias of the projections is added to them, and
// keys and values of earlier tokens come before the new ones (com.microsoft MultiHeadAttention).
#include "attention_mask.h"
#include "contrib.h"
#include "key_value_cache.h"
#include "row_normalization.h"

namespace tenon::microsoft {
using namespace sdk;

struct MultiHeadAttention {
    std::int64_t heads = 1;
    float maskFilter = -10000.0F, scale = 0.0F;
    bool unidirectional = false;
    static constexpr Identity identity = contrib("MultiHeadAttention");
    static constexpr Slot T = var('T', floats), M = optional(Slot(i32)), O = optional(T);
    static constexpr auto formats = rows(row(in(T, O, O, O, M, O, O, O, M, M), out(T, O, O, O)));
    enum Input { kQuery, kKey, kValue, kBias, kMask, kAttentionBias, kPastKey, kPastValue, kPastLength, kIndirection };
    static constexpr auto attributes() {
        using Op = MultiHeadAttention;
        return std::tuple{
            attr(1, "mask_filter_value", &Op::maskFilter, "added to the scores of keys that the mask hides"),
            attr(2, "num_heads", &Op::heads, "number of heads").required().range(1, INT32_MAX),
            attr(3, "scale", &Op::scale, "factor of the scores; 0: 1 / sqrt(head size)"),
            attr(4, "unidirectional", &Op::unidirectional, "whether tokens attend only to themselves and earlier ones")};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        if (in.size() > kIndirection && in[kIndirection] != DataType::undefined)
            throw declined("cache_indirection, which beam search writes, is not available");
        for (DataType& t : out)
            t = in[0];
    }
    void infer(Shapes x, Shapes y) const {
        const Form form = formOf(x);
        if (x.has(kBias)) checkBias(x, form);
        const bool shares = x.has(kPastLength) && x.has(kPastKey);
        Dim past = 0;
        for (const int i : {kPastKey, kPastValue})
            if (x.has(i)) past = checkPast(x[i], form, i);
        if (x.has(kPastKey) != x.has(kPastValue)) throw Error("past_key and past_value come together");
        if (x.has(kPastKey) && form.isCrossCache) throw Error("past_key does not go with keys of rank 4");
        const Dim keys = past + form.newKeys;
        if (x.has(kMask) && !shares) AttentionMask::check(x[kMask], form.batches, form.queries, keys, form.newKeys);
        if (x.has(kAttentionBias))
            checkAttentionBias(x[kAttentionBias], Shape{form.batches, heads, form.queries, shares ? Dim::unknown() : keys});
        y[0] = Shape{form.batches, form.queries, form.valueSize * heads};
        for (int i = 1; i < std::min(y.count(), 3); ++i)
            y[i] = Shape{form.batches, heads, shares ? past : keys, i == 1 ? form.headSize : form.valueSize};
        if (y.count() > 3 && shares) throw Error("output qk is not available where past and present share a buffer");
        if (y.count() > 3) y[3] = Shape{form.batches, heads, form.queries, keys};
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    struct Form {
        Dim batches, queries, newKeys, headSize, valueSize;
        bool isCrossCache = false;  // keys and values are given by heads, as a cache holds them
    };
    Form formOf(const Shapes& x) const {
        const Shape& q = x[kQuery];
        if (!x.has(kKey)) {
            expectRank(q, 5, "packed q, k and v");
            expectDim(q[2], heads, "the query");
            expectDim(q[3], 3, "the query");
            return {q[0], q[1], q[1], q[4], q[4]};
        }
        expectRank(q, 3, "the query");
        const Shape& k = x[kKey];
        const Dim size = perHead(q[2], heads, "the query");
        expectDim(k[0], q[0], "the key");
        if (k.rank() == 5) return packedPairs(x, size);
        if (!x.has(kValue)) throw Error("the value is missing");
        const Shape& v = x[kValue];
        if ((k.rank() != 3 && k.rank() != 4) || v.rank() != k.rank()) throw Error("key and value must both have rank 3 or 4");
        expectDim(v[0], q[0], "the value");
        if (k.rank() == 3) {
            expectDim(k[2], q[2], "the key");
            expectDim(v[1], k[1], "the value");
            return {q[0], q[1], k[1], size, perHead(v[2], heads, "the value")};
        }
        for (const Shape& s : {k, v})
            expectDim(s[1], heads, "key or value");
        expectDim(k[3], size, "the key");
        expectDim(v[2], k[2], "the value");
        return {q[0], q[1], k[2], size, v[3], true};
    }
    Form packedPairs(const Shapes& x, const Dim& size) const {
        const Shape &q = x[kQuery], &k = x[kKey];
        if (x.has(kValue)) throw Error("packed keys and values leave no room for a value");
        const Dim wanted[] = {q[0], k[1], heads, 2, size};
        for (int d = 0; d < 5; ++d)
            expectDim(k[d], wanted[d], "packed keys and values");
        return {q[0], q[1], k[1], size, size};
    }
    void checkBias(const Shapes& x, const Form& form) const {
        const Dim all = (form.headSize * 2 + form.valueSize) * heads;
        if (form.isCrossCache && x[kBias].rank() == 1 && x[kBias][0].same(form.headSize * heads)) return;
        reference::checkPerChannel(x[kBias], all, "the bias");
    }
    Dim checkPast(const Shape& past, const Form& form, int input) const {
        const char* name = input == kPastKey ? "past_key" : "past_value";
        expectRank(past, 4, name);
        const Dim wanted[] = {form.batches, heads, past[2], input == kPastKey ? form.headSize : form.valueSize};
        for (int d = 0; d < 4; ++d)
            expectDim(past[d], wanted[d], name);
        return past[2];
    }

    template <class E>
    struct Parts {
        Heads<const E> q, k, v;
    };
    // Where the heads lie; fills in all of the size but the number of past keys.
    template <class E>
    Parts<E> partsOf(const Launch& l, AttentionSize& s) const {
        const auto q = l.input<E>(kQuery);
        s = {q.dim(0), heads, heads, q.dim(1), q.dim(1), q.dims.back() / (q.rank() == 3 ? heads : 1), 0};
        s.valueSize = s.headSize;
        const auto packed = [&](View<const E> t, std::int64_t part) {
            const std::int64_t together = t.dim(3) * s.headSize;
            return Heads<const E>{t.data + part * s.headSize, t.dim(1) * heads * together, together, heads * together};
        };
        if (q.rank() == 5) return {packed(q, 0), packed(q, 1), packed(q, 2)};
        const auto k = l.input<E>(kKey);
        const auto first = tokensFirst(q.data, heads, s.queries, s.headSize);
        s.keys = k.dim(k.rank() == 4 ? 2 : 1);
        if (k.rank() == 5) return {first, packed(k, 0), packed(k, 1)};
        const auto v = l.input<E>(kValue);
        s.valueSize = v.rank() == 4 ? v.dim(3) : v.dim(2) / heads;
        if (k.rank() == 4)
            return {first, headsFirst(k.data, heads, s.keys, s.headSize), headsFirst(v.data, heads, s.keys, s.valueSize)};
        return {first, tokensFirst(k.data, heads, s.keys, s.headSize), tokensFirst(v.data, heads, s.keys, s.valueSize)};
    }
    std::int64_t pastTokens(const Launch& l, std::int64_t newKeys) const {
        if (!l.hasInput(kPastKey)) return 0;
        const std::int64_t most = l.inputDesc(kPastKey).dims.d[2];
        if (!l.hasInput(kPastLength)) return most;
        const auto length = l.input<std::int32_t>(kPastLength);
        if (length.size() != 1 || length[0] < 0 || length[0] > most - newKeys)
            throw Error("past_sequence_length does not fit into a buffer of " + std::to_string(most) + " tokens");
        return length[0];
    }
    // Keys or values of all tokens, in the output `present` where there is one.
    template <class E>
    Cache<E> gather(const Launch& l, const AttentionSize& s, Heads<const E> fresh, std::int64_t past, int input,
                    const E* bias) const {
        const int output = input - kKey + 1, pastInput = input - kKey + kPastKey;
        const std::int64_t size = input == kKey ? s.headSize : s.valueSize;
        const std::int64_t held = l.hasInput(pastInput) ? l.inputDesc(pastInput).dims.d[2] : 0;
        const std::int64_t rows = l.hasInput(kPastLength) ? std::max(held, s.keys) : s.keys;
        Cache<E> cache(l.hasOutput(output) ? l.output<E>(output).data : nullptr, s, heads, rows, size);
        if (held > 0) cache.put(headsFirst(l.input<E>(pastInput).data, heads, held, size), held, 0);
        cache.put(fresh, s.keys - past, past, bias);
        return cache;
    }
    template <class E>
    void runAs(const Launch& l) const {
        AttentionSize s;
        Parts<E> parts = partsOf<E>(l, s);
        const std::int64_t past = pastTokens(l, s.keys), width = heads * s.headSize;
        s.keys += past;
        const bool isCross = l.hasInput(kKey) && l.inputDesc(kKey).dims.rank == 4;
        const E* bias = dataOf<E>(l, kBias);
        const auto biasAt = [&](std::int64_t at) { return bias == nullptr || isCross ? nullptr : bias + at; };
        const Cache<E> k = gather<E>(l, s, parts.k, past, kKey, biasAt(width)),
                       v = gather<E>(l, s, parts.v, past, kValue, biasAt(2 * width));
        const Cache<E> q(nullptr, s, heads, s.queries, s.headSize);
        q.put(parts.q, s.queries, 0, bias);
        const AttentionMask mask(l, kMask, s, maskFilter);
        const AttentionBias<E> attentionBias(l, kAttentionBias, s.keys);
        E* products = l.hasOutput(3) ? l.output<E>(3).data : nullptr;
        attend<E>(s, scaleOf(scale, s.headSize), q.read(), k.read(), v.read(),
                  tokensFirst(l.output<E>(0).data, heads, s.queries, s.valueSize), [&](ScoreRow row, auto scores) {
                      mask.addTo(row, scores);
                      attentionBias.addTo(row, scores);
                      // As in ONNX Runtime, the last query sees all keys, even where there are more of them than queries.
                      const bool seesAll = !unidirectional || row.query + 1 == s.queries;
                      const std::int64_t seen = seesAll ? s.keys : std::min(s.keys, past + row.query + 1);
                      if (products != nullptr) {
                          E* to = products + ((row.batch * heads + row.head) * s.queries + row.query) * s.keys;
                          std::fill(std::copy_n(scores.begin(), seen, to), to + s.keys,
                                    E(std::numeric_limits<Compute<E>>::lowest()));
                      }
                      softmaxWithin(scores, 0, seen);
                  });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(multi_head_attention, tenon::microsoft::MultiHeadAttention)
