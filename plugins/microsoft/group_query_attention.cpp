// y = attention in which groups of query heads share a head of keys and values. New keys and values go behind those of the cache,
// of which each sequence of the batch has a number of its own (com.microsoft GroupQueryAttention; Ainslie et al., GQA, 2023).
#include "cache_codec.h"
#include "contrib.h"
#include "key_sequences.h"
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
    static constexpr Slot C = var('C', floats | i8 | u8 | setOf(DataType::f8e4m3fn)), P = optional(C);
    // The last slot stands for head_sink, k_scale, v_scale, q_norm_weight and k_norm_weight.
    static constexpr auto formats =
        rows(row(in(T, O, O, P, P, M, M, O, O, optional(Slot(i64)), O, variadic(optional(Slot(floats)))), out(T, P, P, O)));
    static constexpr std::uint64_t shapeInputs = bits(6);
    enum Input {
        kQuery,
        kKey,
        kValue,
        kPastKey,
        kPastValue,
        kLengths,
        kTotal,
        kCosines,
        kSines,
        kPositions,
        kBias,
        kSink,
        kKeyScale,
        kValueScale,
        kQueryNorm,
        kKeyNorm,
        kInputs
    };
    static constexpr auto attributes() {
        using Op = GroupQueryAttention;
        return std::tuple{
            attr(1, "causal", &Op::causal, "whether tokens attend only to themselves and earlier ones"),
            attr(2, "do_rotary", &Op::doRotary, "whether q and k are turned for their positions"),
            attr(3, "k_quant_type", &Op::keyQuantization, "scales of the keys in the cache").oneOf("NONE|PER_TENSOR|PER_CHANNEL"),
            attr(4, "kv_cache_bit_width", &Op::cacheBits, "bits of a number in a cache of uint8: 4 or 8"),
            attr(5, "kv_num_heads", &Op::keyHeads, "heads of keys and values").required().range(1, INT32_MAX),
            attr(6, "local_window_size", &Op::window, "most recent tokens that are attended to; -1: all").range(-1, INT32_MAX),
            attr(7, "num_heads", &Op::heads, "heads of queries").required().range(1, INT32_MAX),
            attr(8, "qk_norm_epsilon", &Op::normEpsilon, "added to the mean of squares when q and k are normalized"),
            attr(9, "qk_output", &Op::productOutput, "output_qk holds scores (1) or probabilities (2)").range(0, 2),
            attr(10, "rotary_interleaved", &Op::interleaved, "whether pairs that are turned are neighbours"),
            attr(11, "scale", &Op::scale, "factor of the scores; 0: 1 / sqrt(head size)"),
            attr(12, "sliding_window_cache", &Op::slidingCache, "whether the cache drops tokens that no window sees any more"),
            attr(13, "smooth_softmax", &Op::smoothSoftmax, "1: the denominator counts a score of 0, too").range(-1, 1),
            attr(14, "softcap", &Op::softcap, "scores become softcap tanh(score / softcap); 0: unchanged"),
            attr(15, "v_quant_type", &Op::valueQuantization, "scales of the values in the cache")
                .oneOf("NONE|PER_TENSOR|PER_CHANNEL")};
    }
    void check(const abi::LayerInfo&) const {
        if (heads % keyHeads != 0) throw Error("num_heads must be a multiple of kv_num_heads");
        if (!causal && window > 0) throw Error("local_window_size needs causal attention");
        if (slidingCache && window < 1) throw Error("sliding_window_cache needs local_window_size");
        if (cacheBits != 0 && cacheBits != 4 && cacheBits != 8) throw Error("kv_cache_bit_width must be 4 or 8");
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] =
                i == 1 || i == 2 ? cacheType(in.size() > kPastKey ? in[kPastKey] : DataType::undefined, in[kQuery]) : in[kQuery];
    }
    bool accepts(int pos, std::span<const abi::TensorDesc> all, int inputCount) const {
        const DataType type = all[static_cast<std::size_t>(pos)].type, own = all[kQuery].type;
        if (type == DataType::undefined) return true;
        if (pos == kPastKey || pos == kPastValue) return !floats.has(type) || type == own;
        if (pos == inputCount + 1 || pos == inputCount + 2) return type == cacheType(all[kPastKey].type, own);
        if (pos >= inputCount || pos < kSink) return true;
        return type == (pos == kKeyScale || pos == kValueScale ? DataType::f32 : own);
    }
    void infer(Shapes x, Shapes y) const {
        expectRank(x[kQuery], 3, "the query");
        if (x.count() > kInputs)
            throw Error("there are " + std::to_string(x.count()) + " inputs, the operator has " + std::to_string(int{kInputs}));
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
        if (x.has(kQueryNorm) != x.has(kKeyNorm)) throw Error("q_norm_weight and k_norm_weight come together");
        for (const int i : {kQueryNorm, kKeyNorm})
            if (x.has(i)) checkDims(x[i], {size}, "a norm weight");
        if (productOutput == 0 && y.count() > 3) throw Error("output_qk needs attribute qk_output");
        y[0] = Shape{batches, queries, size * heads};
        for (int i = 1; i < y.count(); ++i)
            y[i] = Shape{batches, i < 3 ? keyHeads : heads, i < 3 ? Dim::unknown() : queries,
                         i < 3 ? cacheWidth(x, size) : Dim::unknown()};
        const Dim total = totalOf(x[kTotal]), held = x.has(kPastKey) ? checkPast(x, batches, size) : Dim(0);
        if (slidingCache && !x.has(kPastKey)) throw Error("sliding_window_cache needs past_key and past_value");
        if (x.has(kBias)) checkAttentionBias(x[kBias], Shape{batches, heads, queries, total});
        for (int i = 1; i < y.count(); ++i)
            y[i][i < 3 ? 2 : 3] = i < 3 ? (slidingCache ? held : max(total, held)) : total;
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
        checkDims(x[kPastKey], {batches, keyHeads, Dim::unknown(), cacheWidth(x, size)}, "past_key");
        checkDims(x[kPastValue], {batches, keyHeads, x[kPastKey][2], cacheWidth(x, size)}, "past_value");
        if (slidingCache && x[kPastKey][2].isConstant() && x[kPastKey][2].value() < window)
            throw Error("the cache has " + std::to_string(x[kPastKey][2].value()) + " rows, fewer than local_window_size");
        for (const int i : {kKeyScale, kValueScale}) {
            if (floats.has(x[kPastKey].type)) continue;
            if (!x.has(i)) throw Error("a quantized cache needs k_scale and v_scale");
            const Dim count = x[i].elements(), perChannel = size * keyHeads;
            if (count.isConstant() && !count.is(1)) expectDim(count, perChannel, "k_scale or v_scale");
        }
        return x[kPastKey][2];
    }
    // Elements of a vector in the cache.
    Dim cacheWidth(const Shapes& x, const Dim& size) const {
        return x.has(kPastKey) && x[kPastKey].type == DataType::u8 && cacheBits == 4 ? ceilDiv(size, 2) : size;
    }
    static DataType cacheType(DataType past, DataType own) { return past == DataType::undefined ? own : past; }

    KeySequences sequencesOf(const Launch& l, const AttentionSize& s) const {
        KeySequences q;
        q.held = l.hasInput(kPastKey) ? l.inputDesc(kPastKey).dims.d[2] : 0;
        q.total = l.integers(kTotal).at(0);
        q.rows = slidingCache ? q.held : std::max(q.total, q.held);
        q.isPrompt = q.total == s.queries;
        if (slidingCache) q.window = SlidingWindow{q.held, window};
        const auto lengths = l.input<std::int32_t>(kLengths);
        for (std::int64_t b = 0; b < s.batches; ++b)
            q.add(std::int64_t{lengths[b]} + 1, s.queries);
        return q;
    }
    AttentionSize sizeOf(const Launch& l) const {
        const abi::Dims& q = l.inputDesc(kQuery).dims;
        const std::int64_t size = q.d[2] / (l.hasInput(kKey) ? heads : heads + 2 * keyHeads);
        return {q.d[0], heads, keyHeads, q.d[1], 0, size, size};
    }
    // Turns the vectors of new tokens for their positions, in place.
    template <class E>
    void turn(const Launch& l, const AttentionSize& s, const KeySequences& sequences, Heads<E> vectors,
              std::int64_t count) const {
        const auto cosines = l.input<E>(kCosines);
        const Rotary<E> rotary{cosines.data, l.input<E>(kSines).data, cosines.dim(0), cosines.dim(1), interleaved};
        const std::int64_t* ids = l.hasInput(kPositions) ? l.input<std::int64_t>(kPositions).data : nullptr;
        const bool fromFirst = sequences.isPrompt && ids != nullptr;  // as documented, of a prompt only the first id counts
        const std::int64_t firstId =
            fromFirst && s.batches * s.queries > 0 ? std::clamp<std::int64_t>(ids[0], -1, rotary.positions) : 0;
        for (std::int64_t b = 0; b < s.batches; ++b)
            for (std::int64_t t = 0; t < s.queries; ++t) {
                const std::int64_t next = sequences[b].first + sequences[b].past + t;
                const std::int64_t position = fromFirst ? firstId + t : ids != nullptr ? ids[b * s.queries + t] : next;
                rotary.checkPosition(position);
                for (std::int64_t h = 0; h < count; ++h)
                    rotary.apply(vectors.at(b, h, t), position, s.headSize, vectors.at(b, h, t));
            }
    }
    // Divides each vector by the root of its mean square and multiplies it with the weight, in place.
    template <class E>
    void normalize(const Launch& l, const AttentionSize& s, int weight, Heads<E> vectors, std::int64_t count) const {
        const RowScale<E> scale{l.input<E>(weight).data};
        for (std::int64_t i = 0; i < s.batches * count * s.queries; ++i) {
            E* v = vectors.data + i * s.headSize;
            normalizeRow(v, s.headSize, momentsAboutZero(v, s.headSize), normEpsilon, scale, v);
        }
    }
    // The new vectors of `count` heads, normalized and turned where the layer asks for it.
    template <class E>
    Cache<E> prepared(const Launch& l, const AttentionSize& s, const KeySequences& sequences, Heads<const E> from,
                      std::int64_t count, int norm) const {
        Cache<E> fresh(nullptr, s, count, s.queries, s.headSize);
        fresh.put(from, s.queries, 0);
        if (l.hasInput(norm)) normalize(l, s, norm, fresh.heads(), count);
        if (doRotary) turn(l, s, sequences, fresh.heads(), count);
        return fresh;
    }
    // Keys (output 1) or values (output 2): the rows that the cache has of each sequence, then the new ones. What is attended to
    // is what the cache holds, quantized numbers included.
    template <class E>
    Cache<E> gather(const Launch& l, const AttentionSize& s, const KeySequences& q, Heads<const E> fresh, int output) const {
        const int past = kPastKey + output - 1;
        const CacheCodec codec(l, cacheType(l.hasInput(past) ? l.inputType(past) : DataType::undefined, l.inputType(kQuery)),
                               kKeyScale + output - 1, cacheBits, s.headSize);
        Cache<E> all(nullptr, s, keyHeads, s.keys, s.headSize);
        auto* present = l.hasOutput(output) ? static_cast<std::byte*>(l.outputData(output)) : nullptr;
        if (present != nullptr) std::fill_n(present, s.batches * keyHeads * q.rows * codec.bytes(), std::byte{0});
        std::vector<std::byte> code(static_cast<std::size_t>(codec.bytes()));
        for (std::int64_t i = 0; i < s.batches * keyHeads; ++i) {
            const std::int64_t b = i / keyHeads, h = i % keyHeads, known = q[b].past + s.queries;
            const std::int64_t kept = q.window ? q.resident(q[b].length) : known,
                               end = q.window ? q[b].length - q[b].first : known;
            for (std::int64_t t = 0; t < known; ++t) {
                E* row = all.heads().at(b, h, t);
                if (t < q[b].past)
                    codec.read(static_cast<const std::byte*>(l.inputData(past)) + (i * q.held + t) * codec.bytes(), h, row);
                else std::copy_n(fresh.at(b, h, t - q[b].past), s.headSize, row);
                codec.write(row, h, code.data());
                if (t >= q[b].past && !codec.isPlain()) codec.read(code.data(), h, row);
                if (const std::int64_t to = t - (end - kept); present != nullptr && to >= 0 && t < end)
                    std::copy(code.begin(), code.end(), present + (i * q.rows + to) * codec.bytes());
            }
        }
        return all;
    }
    template <class E>
    void runAs(const Launch& l) const {
        AttentionSize s = sizeOf(l);
        const KeySequences sequences = sequencesOf(l, s);
        for (const KeySequence& q : sequences.of)
            s.keys = std::max(s.keys, q.past + s.queries);
        const bool isPacked = !l.hasInput(kKey);
        const auto part = [&](int input, std::int64_t first, std::int64_t count) {
            const E* from = l.input<E>(isPacked ? kQuery : input).data + (isPacked ? first * s.headSize : 0);
            return tokensFirst(from, isPacked ? heads + 2 * keyHeads : count, s.queries, s.headSize);
        };
        const Cache<E> q = prepared<E>(l, s, sequences, part(kQuery, 0, heads), heads, kQueryNorm);
        const Cache<E> fresh = prepared<E>(l, s, sequences, part(kKey, heads, keyHeads), keyHeads, kKeyNorm);
        const Cache<E> k = gather<E>(l, s, sequences, fresh.read(), 1);
        const Cache<E> v = gather<E>(l, s, sequences, part(kValue, heads + keyHeads, keyHeads), 2);
        const AttentionBias<E> bias(l, kBias, sequences.total);
        attend<E>(s, scaleOf(scale, s.headSize), q.read(), k.read(), v.read(),
                  tokensFirst(l.output<E>(0).data, heads, s.queries, s.headSize),
                  [&](ScoreRow row, auto scores) { weigh<E>(l, sequences, bias, row, scores); });
    }
    template <class E, class Score>
    void weigh(const Launch& l, const KeySequences& sequences, const AttentionBias<E>& bias, ScoreRow row,
               std::span<Score> scores) const {
        const KeySequence& q = sequences[row.batch];
        const std::int64_t keys = std::ssize(scores), queries = l.inputDesc(kQuery).dims.d[1];
        const std::int64_t end = causal ? q.past + row.query + 1 : keys,
                           last = std::clamp<std::int64_t>(q.length - q.first, 0, end);
        const std::int64_t first = window > 0 ? std::clamp<std::int64_t>(end - window, 0, last) : 0;
        for (Score& v : scores)
            if (softcap > 0) v = Score(softcap) * std::tanh(v / Score(softcap));
        const auto seen = scores.first(static_cast<std::size_t>(last));
        bias.addTo(row, seen, q.first);
        // Output qk has a column for each position; those that are not attended to are 0.
        E* columns = nullptr;
        if (l.hasOutput(3)) {
            columns = l.output<E>(3).data + ((row.batch * heads + row.head) * queries + row.query) * sequences.total;
            std::fill_n(columns, sequences.total, E(0.0F));
        }
        if (columns != nullptr && productOutput == 1) std::copy(seen.begin(), seen.end(), columns + q.first);
        std::optional<double> sink;
        if (l.hasInput(kSink)) sink = static_cast<double>(Compute<E>(l.input<E>(kSink)[row.head]));
        else if (smoothSoftmax == 1) sink = 0.0;
        softmaxWithin(scores, first, last, sink);
        if (columns != nullptr && productOutput == 2) std::copy(seen.begin(), seen.end(), columns + q.first);
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(group_query_attention, tenon::microsoft::GroupQueryAttention)
