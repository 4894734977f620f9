// Y = softmax(scale Q K^T, capped, + bias) V for every head; heads of K and V serve groups of heads of Q (Vaswani et al. 2017,
// Ainslie et al. 2023; ONNX Attention opsets 23 to 25).
#include "attention_bias.h"
#include "work.h"

namespace tenon::reference {
using namespace sdk;

struct Attention {
    bool isCausal = false;
    std::int64_t keyHeads = 0, queryHeads = 0, outputMode = 0, left = -1, right = -1;
    std::optional<float> scale;
    float softcap = 0;
    DataType softmaxPrecision = DataType::undefined;
    static constexpr Identity identity{.name = "Attention", .since = 23};
    static constexpr Slot T = var('T', floats), V = var('V', floats);
    static constexpr auto formats =
        rows(row(in(T, T, V, optional(Slot(numeric | boolean)), optional(T), optional(V), optional(i64)),
                 out(T, optional(T), optional(V), optional(T))));
    static constexpr auto attributes() {
        using A = Attention;
        return std::tuple{
            attr(1, "is_causal", &A::isCausal, "whether a query sees no later key"),
            attr(2, "kv_num_heads", &A::keyHeads, "heads that K and V of rank 3 hold").range(0, INT32_MAX),
            attr(3, "q_num_heads", &A::queryHeads, "heads that Q of rank 3 holds").range(0, INT32_MAX),
            attr(4, "qk_matmul_output_mode", &A::outputMode,
                 "scores to put out: 0 products, 1 capped, 2 with the bias, 3 probabilities")
                .range(0, 3),
            attr(5, "scale", &A::scale, "factor of the products; default: 1 / sqrt(size of a head)"),
            attr(6, "softcap", &A::softcap, "bound of the scores before the bias; 0: none"),
            attr(7, "softmax_precision", &A::softmaxPrecision, "type that the softmax rounds to"),
            attr(8, "left_window_size", &A::left, "keys before a query's position that it sees; -1: all").range(-1, INT32_MAX),
            attr(9, "right_window_size", &A::right, "keys after a query's position that it sees; -1: all").range(-1, INT32_MAX)};
    }
    void check(const abi::LayerInfo& layer) {
        constexpr int kPaddedSince = 24;  // before it, a mask of one key broadcasts
        padsMask_ = layer.opsetVersion <= 0 || layer.opsetVersion >= kPaddedSince;
        if (softmaxPrecision != DataType::undefined && !floats.has(softmaxPrecision))
            throw Error(std::string("softmax_precision must be a floating-point type, found ") + typeName(softmaxPrecision));
    }
    void save(Writer& w) const { w.put(static_cast<std::uint8_t>(padsMask_)); }
    void load(Reader& r) { padsMask_ = r.get<std::uint8_t>() != 0; }

    void infer(Shapes x, Shapes y) const {
        const HeadDims q = HeadDims::of(x[0], queryHeads, "Q"), k = HeadDims::of(x[1], keyHeads, "K");
        const HeadDims v = HeadDims::of(x[2], keyHeads, "V");
        if (x[1].rank() != x[0].rank() || x[2].rank() != x[0].rank()) throw Error("Q, K and V must have the same rank");
        checkHeads(q, k, v);
        const Dim keys = x.has(4) ? x[4][2] + k.tokens : k.tokens;
        checkCache(x, k, v);
        const Shape scores{q.batches, q.heads, q.tokens, keys};
        if (x.has(3)) checkMask(x[3], scores);
        y[0] = x[0].rank() == 3 ? Shape{q.batches, q.tokens, q.heads * v.size} : Shape{q.batches, q.heads, q.tokens, v.size};
        if (y.count() > 1) y[1] = Shape{k.batches, k.heads, keys, k.size};
        if (y.count() > 2) y[2] = Shape{v.batches, v.heads, keys, v.size};
        if (y.count() > 3) y[3] = scores;
    }
    // Both products, for every key that there can be.
    Cost cost(const Layer& l) const {
        const auto tokens = [&](int i) { return static_cast<double>(l.inputRange(i).opt.d[l.inputRange(i).opt.rank - 2]); };
        return workOf(l, 4 * elements(l.inputRange(0)) * (tokens(1) + (l.hasInput(4) ? tokens(4) : 0)));
    }
    void run(const Launch& l) const {
        const Call call(*this, l);
        if (l.hasOutput(1)) call.keys.copy(l, 1);
        if (l.hasOutput(2)) call.values.copy(l, 2);
        parallelFor(call.q.batches * call.q.heads, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                attend(call, i / call.q.heads, i % call.q.heads);
        });
    }

private:
    static constexpr std::int64_t kTile = 16;  // queries that share one pass over the keys

    // Keys or values: those of the cache, then the new ones.
    struct Cached {
        HeadTensor fresh;
        std::int64_t past, total;
        const void *freshData, *pastData;
        LoadRow load;

        Cached(const Launch& l, int input, int pastInput, std::int64_t heads)
            : fresh(dimsOf(l.inputDesc(input)), heads),
              past(l.hasInput(pastInput) ? l.inputDesc(pastInput).dims.d[2] : 0),
              total(past + fresh.tokens),
              freshData(l.inputData(input)),
              pastData(past > 0 ? l.inputData(pastInput) : nullptr),
              load(loaderOf(l.inputType(input))) {}
        std::int64_t pastAt(std::int64_t batch, std::int64_t head, std::int64_t token) const {
            return ((batch * fresh.heads + head) * past + token) * fresh.size;
        }
        void read(std::int64_t batch, std::int64_t head, std::int64_t token, double* to) const {
            if (token < past) load(pastData, pastAt(batch, head, token), fresh.size, to);
            else load(freshData, fresh.at(batch, head, token - past), fresh.size, to);
        }
        void copy(const Launch& l, int output) const {
            dispatchSize(l.outputType(output), [&]<class E>() {
                E* to = l.output<E>(output).data;
                const auto *old = static_cast<const E*>(pastData), *added = static_cast<const E*>(freshData);
                for (std::int64_t line = 0; line < fresh.batches * fresh.heads; ++line) {
                    const std::int64_t batch = line / fresh.heads, head = line % fresh.heads;
                    to = std::copy_n(old + pastAt(batch, head, 0), past * fresh.size, to);
                    for (std::int64_t token = 0; token < fresh.tokens; ++token)
                        to = std::copy_n(added + fresh.at(batch, head, token), fresh.size, to);
                }
            });
        }
    };
    struct Call {
        HeadTensor q;
        Cached keys, values;
        AttentionBias bias;
        LoadRow load;
        StoreRow store;
        const void* queries;
        void *y, *scores;
        double scale;

        Call(const Attention& op, const Launch& l)
            : q(dimsOf(l.inputDesc(0)), op.queryHeads),
              keys(l, 1, 4, op.keyHeads),
              values(l, 2, 5, op.keyHeads),
              bias({op.isCausal, op.left, op.right}, q.tokens, keys.total, keys.past,
                   l.hasInput(6) ? l.input<std::int64_t>(6).data : nullptr),
              load(loaderOf(l.inputType(0))),
              store(storerOf(l.outputType(0))),
              queries(l.inputData(0)),
              y(l.outputData(0)),
              scores(l.hasOutput(3) ? l.outputData(3) : nullptr),
              scale(op.scale      ? static_cast<double>(*op.scale)
                    : q.size == 0 ? 1
                                  : 1 / std::sqrt(static_cast<double>(q.size))) {
            const std::array full{q.batches, q.heads, q.tokens, keys.total};
            if (l.hasInput(3)) bias.setMask(l, 3, full, op.padsMask_);
        }
    };

    static void checkHeads(const HeadDims& q, const HeadDims& k, const HeadDims& v) {
        matchDims(k.batches, q.batches, "the batch of K");
        matchDims(v.batches, q.batches, "the batch of V");
        matchDims(k.size, q.size, "the head size of K");
        matchDims(v.tokens, k.tokens, "the length of V");
        matchDims(v.heads, k.heads, "the number of heads of V");
        if (!q.heads.isConstant() || !k.heads.isConstant()) return;
        if (k.heads.value() <= 0 || q.heads.value() % k.heads.value() != 0)
            throw Error(std::to_string(q.heads.value()) + " heads of Q do not divide into groups for " +
                        std::to_string(k.heads.value()) + " heads of K");
    }
    static void checkCache(Shapes x, const HeadDims& k, const HeadDims& v) {
        if (x.has(4) != x.has(5)) throw Error("past_key and past_value need each other");
        if (x.has(6)) {
            if (x.has(4)) throw Error("nonpad_kv_seqlen and past_key exclude each other");
            if (x[6].rank() != 1) throw Error("nonpad_kv_seqlen must have rank 1, found " + std::to_string(x[6].rank()));
            matchDims(x[6][0], k.batches, "the size of nonpad_kv_seqlen");
        }
        for (int i = 4; x.has(4) && i < 6; ++i) {
            const HeadDims& fresh = i == 4 ? k : v;
            if (x[i].rank() != 4) throw Error("past keys and values must have rank 4, found " + std::to_string(x[i].rank()));
            matchDims(x[i][0], fresh.batches, "the batch of the cache");
            matchDims(x[i][1], fresh.heads, "the number of heads of the cache");
            matchDims(x[i][2], x[4][2], "the length of past_value");
            matchDims(x[i][3], fresh.size, "the head size of the cache");
        }
    }
    static void checkMask(const Shape& mask, const Shape& scores) {
        if (mask.rank() == 0) return;
        Shape others = mask;
        const Dim &last = mask[mask.rank() - 1], &keys = scores[3];
        others[mask.rank() - 1] = 1;
        checkBroadcastsTo(scores, others, "attn_mask");
        if (last.isConstant() && keys.isConstant() && last.value() > keys.value() && !last.is(1))
            throw Error("attn_mask has " + std::to_string(last.value()) + " keys, must have " + std::to_string(keys.value()) +
                        " at most");
    }

    void attend(const Call& c, std::int64_t batch, std::int64_t head) const {
        const std::int64_t size = c.q.size, keys = c.keys.total, shared = head / (c.q.heads / c.keys.fresh.heads);
        std::vector<double> q(static_cast<std::size_t>(kTile * size)), scores(static_cast<std::size_t>(kTile * keys));
        std::vector<double> vector(static_cast<std::size_t>(std::max(size, c.values.fresh.size))),
            bias(static_cast<std::size_t>(keys));
        std::vector<double> sums(static_cast<std::size_t>(kTile * c.values.fresh.size));
        for (std::int64_t first = 0; first < c.q.tokens; first += kTile) {
            const std::int64_t count = std::min(kTile, c.q.tokens - first);
            for (std::int64_t i = 0; i < count; ++i)
                c.load(c.queries, c.q.at(batch, head, first + i), size, q.data() + i * size);
            for (std::int64_t key = 0; key < keys; ++key) {
                c.keys.read(batch, shared, key, vector.data());
                for (std::int64_t i = 0; i < count; ++i)
                    scores[static_cast<std::size_t>(i * keys + key)] =
                        c.scale * product(q.data() + i * size, vector.data(), size);
            }
            for (std::int64_t i = 0; i < count; ++i) {
                c.bias.row(batch, head, first + i, bias.data());
                weigh(c, scores.data() + i * keys, bias.data(), ((batch * c.q.heads + head) * c.q.tokens + first + i) * keys);
            }
            mix(c, batch, shared, count, scores.data(), vector.data(), sums.data());
            for (std::int64_t i = 0; i < count; ++i)
                storeResult(c, batch, head, first + i, sums.data() + i * c.values.fresh.size);
        }
    }
    // sums = probabilities times values; a key without probability does not take part, whatever its value.
    static void mix(const Call& c, std::int64_t batch, std::int64_t head, std::int64_t count, const double* probabilities,
                    double* value, double* sums) {
        const std::int64_t size = c.values.fresh.size, keys = c.keys.total;
        std::fill_n(sums, count * size, 0.0);
        for (std::int64_t key = 0; key < keys; ++key) {
            c.values.read(batch, head, key, value);
            for (std::int64_t i = 0; i < count; ++i) {
                const double p = probabilities[i * keys + key];
                for (std::int64_t d = 0; p != 0 && d < size; ++d)
                    sums[i * size + d] += p * value[d];
            }
        }
    }
    static void storeResult(const Call& c, std::int64_t batch, std::int64_t head, std::int64_t token, const double* sums) {
        HeadTensor y = c.q;
        y.size = c.values.fresh.size;
        c.store(sums, c.y, y.at(batch, head, token), y.size);
    }
    // The products of one query become probabilities; the stage that was asked for is stored at `at`.
    void weigh(const Call& c, double* scores, const double* bias, std::int64_t at) const {
        const std::int64_t keys = c.keys.total;
        const auto put = [&](std::int64_t stage) {
            if (c.scores != nullptr && stage == outputMode) c.store(scores, c.scores, at, keys);
        };
        put(0);
        const double cap = softcap;
        for (std::int64_t i = 0; cap > 0 && i < keys; ++i)
            scores[i] = cap * std::tanh(scores[i] / cap);
        put(1);
        for (std::int64_t i = 0; i < keys; ++i)
            scores[i] = bias[i] == kExcluded ? kExcluded : scores[i] + bias[i];
        put(2);
        round(scores, keys);
        softmax(scores, keys);
        round(scores, keys);
        put(3);
    }
    void round(double* values, std::int64_t n) const {
        if (softmaxPrecision == DataType::undefined) return;
        dispatch<floats>(softmaxPrecision, [&]<class E>() {
            for (std::int64_t i = 0; i < n; ++i)
                values[i] = static_cast<double>(Compute<E>(elementFrom<E>(values[i])));
        });
    }

    bool padsMask_ = true;
};

}  // namespace tenon::reference

TENON_OPERATORS(attention, tenon::reference::Attention)
