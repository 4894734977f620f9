// y = attention in which groups of query heads share a head of keys and values. New keys and values go behind those of the cache,
// of which each sequence of the batch has a number of its own (com.microsoft GroupQueryAttention; Ainslie et al., GQA, 2023).
#include "attention.h"
#include "contrib.h"
#include "key_value_cache.h"
#include "rotary.h"
#include "row_normalization.h"

namespace tenon::microsoft {
using namespace sdk;

struct GroupQueryAttention {
    std::int64_t heads = 1, keyHeads = 1, window = -1, productOutput = 0, smoothSoftmax = -1, cacheBits = 0;
    float scale = 0.0F, softcap = 0.0F, normEpsilon = 1e-6F;
    bool causal = true, doRotary = false, interleaved = false, slidingCache = false;
    std::string keyQuantization = "NONE", valueQuantization = "NONE";
    static constexpr Identity identity = contrib("GroupQueryAttention");
    static constexpr Slot T = var('T', floats), O = optional(T), M = i32;
    static constexpr auto formats = rows(row(in(T, O, O, O, O, M, M, O, O, optional(Slot(i64)), O, O), out(T, O, O, O)));
    static constexpr std::uint64_t shapeInputs = bits(6);
    enum Input { kQuery, kKey, kValue, kPastKey, kPastValue, kLengths, kTotal, kCosines, kSines, kPositions, kBias, kSink };
    static constexpr auto attributes() {
        using Op = GroupQueryAttention;
        return std::tuple{
            attr(1, "causal", &Op::causal, "whether tokens attend only to themselves and earlier ones"),
            attr(2, "do_rotary", &Op::doRotary, "whether q and k are turned for their positions"),
            attr(3, "k_quant_type", &Op::keyQuantization, "quantization of the keys in the cache").oneOf("NONE"),
            attr(4, "kv_cache_bit_width", &Op::cacheBits, "bits of a quantized cache"),
            attr(5, "kv_num_heads", &Op::keyHeads, "heads of keys and values").required().range(1, INT32_MAX),
            attr(6, "local_window_size", &Op::window, "most recent tokens that are attended to; -1: all").range(-1, INT32_MAX),
            attr(7, "num_heads", &Op::heads, "heads of queries").required().range(1, INT32_MAX),
            attr(8, "qk_norm_epsilon", &Op::normEpsilon, "added to the mean of squares when q and k are normalized"),
            attr(9, "qk_output", &Op::productOutput, "output_qk holds scores (1) or probabilities (2)").range(0, 2),
            attr(10, "rotary_interleaved", &Op::interleaved, "whether pairs that are turned are neighbours"),
            attr(11, "scale", &Op::scale, "factor of the scores; 0: 1 / sqrt(head size)"),
            attr(12, "sliding_window_cache", &Op::slidingCache, "a cache that drops old tokens; not available"),
            attr(13, "smooth_softmax", &Op::smoothSoftmax, "1: the denominator counts a score of 0, too").range(-1, 1),
            attr(14, "softcap", &Op::softcap, "scores become softcap tanh(score / softcap); 0: unchanged"),
            attr(15, "v_quant_type", &Op::valueQuantization, "quantization of the values in the cache").oneOf("NONE")};
    }
    void check(const abi::LayerInfo&) const {
        if (heads % keyHeads != 0) throw Error("num_heads must be a multiple of kv_num_heads");
        if (slidingCache) throw declined("sliding_window_cache is not available");
        if (!causal && window > 0) throw Error("local_window_size needs causal attention");
    }
    void infer(Shapes x, Shapes y) const {
        expectRank(x[kQuery], 3, "the query");
        const Dim batches = x[kQuery][0], queries = x[kQuery][1];
        if (x.has(kKey) != x.has(kValue)) throw Error("key and value come together");
        if (x.has(kPastKey) != x.has(kPastValue)) throw Error("past_key and past_value come together");
        const Dim size = perHead(x[kQuery][2], x.has(kKey) ? heads : heads + 2 * keyHeads, "the query");
        for (const int i : {kKey, kValue})
            if (x.has(i)) checkDims(x[i], {batches, queries, size * keyHeads}, "key or value");
        checkDims(x[kLengths], {batches}, "seqlens_k");
        if (doRotary) {
            if (!x.has(kCosines) || !x.has(kSines)) throw Error("do_rotary needs cos_cache and sin_cache");
            checkCaches(x[kCosines], x[kSines], size);
        }
        if (x.has(kPositions)) checkDims(x[kPositions], {batches, queries}, "position_ids");
        if (x.has(kSink)) checkDims(x[kSink], {heads}, "head_sink");
        if (productOutput == 0 && y.count() > 3) throw Error("output_qk needs attribute qk_output");
        y[0] = Shape{batches, queries, size * heads};
        for (int i = 1; i < y.count(); ++i)
            y[i] = Shape{batches, i < 3 ? keyHeads : heads, i < 3 ? Dim::unknown() : queries, i < 3 ? size : Dim::unknown()};
        const Dim total = totalOf(x[kTotal]), held = x.has(kPastKey) ? checkPast(x, batches, size) : Dim(0);
        if (x.has(kBias)) checkAttentionBias(x[kBias], Shape{batches, heads, queries, total});
        for (int i = 1; i < y.count(); ++i)
            y[i][i < 3 ? 2 : 3] = i < 3 ? max(total, held) : total;
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    static void checkDims(const Shape& found, std::initializer_list<Dim> wanted, const char* what) {
        expectRank(found, static_cast<int>(wanted.size()), what);
        for (int d = 0; d < found.rank(); ++d)
            expectDim(found[d], wanted.begin()[d], what);
    }
    static Dim totalOf(const Shape& total) {
        if (!total.elements().is(1)) throw Error("total_sequence_length must be one number");
        if (!total.content) throw Unresolved{};
        const Dim& t = total.content->front();
        if (t.isConstant() && t.value() < 0) throw Error("total_sequence_length is negative");
        return t;
    }
    Dim checkPast(const Shapes& x, const Dim& batches, const Dim& size) const {
        checkDims(x[kPastKey], {batches, keyHeads, Dim::unknown(), size}, "past_key");
        checkDims(x[kPastValue], {batches, keyHeads, x[kPastKey][2], size}, "past_value");
        return x[kPastKey][2];
    }

    // How many tokens each sequence had before, and where all of them are.
    struct Sequences {
        std::vector<std::int64_t> past;
        std::int64_t held = 0, rows = 0, total = 0;  // tokens in the old cache, in the new one, in the longest sequence
        bool isPrompt = false;
    };
    Sequences sequencesOf(const Launch& l, const AttentionSize& s) const {
        Sequences q;
        q.held = l.hasInput(kPastKey) ? l.inputDesc(kPastKey).dims.d[2] : 0;
        q.total = l.integers(kTotal).at(0);
        q.rows = std::max(q.total, q.held);
        q.isPrompt = q.total == s.queries;
        const auto lengths = l.input<std::int32_t>(kLengths);
        for (std::int64_t b = 0; b < s.batches; ++b) {
            const std::int64_t length = std::int64_t{lengths[b]} + 1, past = q.isPrompt ? 0 : length - s.queries;
            if (length < 0 || length > q.total || past < 0 || past > q.held || past + s.queries > q.rows)
                throw Error("seqlens_k[" + std::to_string(b) + "] is " + std::to_string(lengths[b]) + " with " +
                            std::to_string(s.queries) + " new tokens, total_sequence_length " + std::to_string(q.total) +
                            " and a cache of " + std::to_string(q.held) + " tokens");
            q.past.push_back(past);
        }
        return q;
    }
    AttentionSize sizeOf(const Launch& l) const {
        const abi::Dims& q = l.inputDesc(kQuery).dims;
        const std::int64_t size = q.d[2] / (l.hasInput(kKey) ? heads : heads + 2 * keyHeads);
        return {q.d[0], heads, keyHeads, q.d[1], 0, size, size};
    }
    // Turns the vectors of `count` heads in place, those of tokens from at(b) on in the cache.
    template <class E, class At>
    void turn(const Launch& l, const AttentionSize& s, const Sequences& sequences, Heads<E> vectors, std::int64_t count,
              At&& at) const {
        const auto cosines = l.input<E>(kCosines);
        const Rotary<E> rotary{cosines.data, l.input<E>(kSines).data, cosines.dim(0), cosines.dim(1), interleaved};
        const std::int64_t* ids = l.hasInput(kPositions) ? l.input<std::int64_t>(kPositions).data : nullptr;
        const std::int64_t firstId =
            ids != nullptr && s.batches * s.queries > 0 ? std::clamp<std::int64_t>(ids[0], -1, rotary.positions) : 0;
        for (std::int64_t b = 0; b < s.batches; ++b)
            for (std::int64_t t = 0; t < s.queries; ++t) {
                const std::int64_t past = sequences.past[static_cast<std::size_t>(b)];
                // Of a prompt only the first id counts, as the operator is documented.
                const std::int64_t position = ids == nullptr       ? past + t
                                              : sequences.isPrompt ? firstId + t
                                                                   : ids[b * s.queries + t];
                rotary.checkPosition(position);
                for (std::int64_t h = 0; h < count; ++h) {
                    E* v = vectors.at(b, h, at(b) + t);
                    rotary.apply(v, position, s.headSize, v);
                }
            }
    }
    // The cache with the new tokens, in the output where there is one; tokens that no sequence has are 0.
    template <class E>
    Cache<E> gather(const Launch& l, const AttentionSize& s, const Sequences& q, Heads<const E> fresh, int output) const {
        Cache<E> cache(l.hasOutput(output) ? l.output<E>(output).data : nullptr, s, keyHeads, q.rows, s.headSize);
        std::fill_n(cache.heads().data, s.batches * keyHeads * q.rows * s.headSize, E(0.0F));
        AttentionSize one = s;
        one.batches = 1;
        for (std::int64_t b = 0; b < s.batches; ++b) {
            const std::int64_t past = q.past[static_cast<std::size_t>(b)];
            const auto of = [b](auto heads) {
                heads.data += b * heads.batch;
                return heads;
            };
            if (past > 0) {
                const auto held = headsFirst(l.input<E>(kPastKey + output - 1).data, keyHeads, q.held, s.headSize);
                copyHeads(of(held), of(cache.heads()), one, keyHeads, past, 0, s.headSize);
            }
            copyHeads(of(fresh), of(cache.heads()), one, keyHeads, s.queries, past, s.headSize);
        }
        return cache;
    }
    template <class E>
    void runAs(const Launch& l) const {
        AttentionSize s = sizeOf(l);
        const Sequences sequences = sequencesOf(l, s);
        s.keys = sequences.total;
        const bool isPacked = !l.hasInput(kKey);
        const auto part = [&](int input, std::int64_t first, std::int64_t count) {
            const std::int64_t width = isPacked ? heads + 2 * keyHeads : count;
            return tokensFirst(l.input<E>(isPacked ? 0 : input).data + (isPacked ? first * s.headSize : 0), width, s.queries,
                               s.headSize);
        };
        const Cache<E> q(nullptr, s, heads, s.queries, s.headSize);
        q.put(part(kQuery, 0, heads), s.queries, 0);
        const Cache<E> k = gather(l, s, sequences, part(kKey, heads, keyHeads), 1),
                       v = gather(l, s, sequences, part(kValue, heads + keyHeads, keyHeads), 2);
        if (doRotary) {
            turn(l, s, sequences, q.heads(), heads, [](std::int64_t) { return std::int64_t{0}; });
            turn(l, s, sequences, k.heads(), keyHeads,
                 [&](std::int64_t b) { return sequences.past[static_cast<std::size_t>(b)]; });
        }
        const AttentionBias<E> bias(l, kBias, s.keys);
        attend<E>(s, scaleOf(scale, s.headSize), q.read(), k.read(), v.read(),
                  tokensFirst(l.output<E>(0).data, heads, s.queries, s.headSize),
                  [&](ScoreRow row, auto scores) { weigh<E>(l, sequences, bias, row, scores); });
    }
    template <class E, class Score>
    void weigh(const Launch& l, const Sequences& q, const AttentionBias<E>& bias, ScoreRow row, std::span<Score> scores) const {
        const auto b = static_cast<std::size_t>(row.batch);
        const std::int64_t keys = std::ssize(scores), queries = l.inputDesc(kQuery).dims.d[1];
        const std::int64_t length = std::int64_t{l.input<std::int32_t>(kLengths)[row.batch]} + 1;
        const std::int64_t end = causal ? q.past[b] + row.query + 1 : keys, last = std::min(length, end);
        const std::int64_t first = window > 0 ? std::clamp<std::int64_t>(end - window, 0, last) : 0;
        for (Score& v : scores)
            if (softcap > 0) v = Score(softcap) * std::tanh(v / Score(softcap));
        bias.addTo(row, scores);
        E* products =
            l.hasOutput(3) ? l.output<E>(3).data + ((row.batch * heads + row.head) * queries + row.query) * keys : nullptr;
        if (products != nullptr && productOutput == 1)
            std::fill(std::copy_n(scores.begin(), last, products), products + keys, E(0.0F));
        std::optional<double> sink;
        if (l.hasInput(kSink)) sink = static_cast<double>(Compute<E>(l.input<E>(kSink)[row.head]));
        else if (smoothSoftmax == 1) sink = 0.0;
        softmaxWithin(scores, first, last, sink);
        if (products != nullptr && productOutput == 2) std::copy(scores.begin(), scores.end(), products);
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(group_query_attention, tenon::microsoft::GroupQueryAttention)
