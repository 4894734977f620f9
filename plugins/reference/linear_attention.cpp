// S = exp(g) S + k (x) u for each token, o = scale q S, with u = v, or u = beta (v - k exp(g) S) by the delta rule; without a
// gate exp(g) is 1 (Yang et al., Gated Delta Networks, 2024; ONNX LinearAttention opset 27).
#include "attention_size.h"

namespace tenon::reference {
using namespace sdk;

struct LinearAttention {
    std::string updateRule = "gated_delta";
    std::int64_t queryHeads = 0, stateHeads = 0, chunkSize = 64;
    float scale = 0;
    static constexpr Identity identity{.name = "LinearAttention", .since = 27};
    static constexpr Slot T = var('T', floats), S = var('S', floats);
    static constexpr auto formats = rows(row(in(T, T, T, optional(S), optional(T), optional(T)), out(T, optional(S))));
    static constexpr auto attributes() {
        using A = LinearAttention;
        return std::tuple{
            attr(1, "chunk_size", &A::chunkSize, "a hint that changes no result"),
            attr(2, "kv_num_heads", &A::stateHeads, "heads of keys and values").range(1, INT32_MAX).required(),
            attr(3, "q_num_heads", &A::queryHeads, "heads of queries").range(1, INT32_MAX).required(),
            attr(4, "scale", &A::scale, "of the output; 0: 1 / sqrt(size of a head)"),
            attr(5, "update_rule", &A::updateRule, "how the state changes").oneOf("linear|gated|delta|gated_delta")};
    }
    void check(const abi::LayerInfo&) const {
        if (queryHeads % stateHeads != 0) throw Error("q_num_heads must be a multiple of kv_num_heads");
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        out[0] = in[0];
        if (out.size() > 1) out[1] = in.size() > 3 && in[3] != DataType::undefined ? in[3] : in[0];
    }
    void infer(Shapes x, Shapes y) const {
        for (int i = 0; i < x.count(); ++i)
            if (x.has(i) && x[i].rank() != (i == 3 ? 4 : 3)) throw Error("the state must have rank 4, all other inputs rank 3");
        const HeadDims q = HeadDims::of(x[0], queryHeads, "query"), k = HeadDims::of(x[1], stateHeads, "key");
        const HeadDims v = HeadDims::of(x[2], stateHeads, "value");
        matchDims(k.size, q.size, "the head size of key");
        for (int i = 1; i < x.count(); ++i) {
            if (x.has(i)) matchDims(x[i][0], q.batches, "the batch of an input");
            if (x.has(i) && i != 3) matchDims(x[i][1], q.tokens, "the length of an input");
        }
        checkGate(x, 4, isGated(), k.size, "decay");
        checkGate(x, 5, isDelta(), 1, "beta");
        const Shape state{k.batches, k.heads, k.size, v.size};
        for (int i = 0; x.has(3) && i < 4; ++i)
            matchDims(x[3][i], state[i], "a dimension of past_state");
        y[0] = Shape{q.batches, q.tokens, q.heads * v.size};
        if (y.count() > 1) y[1] = state;
    }
    void run(const Launch& l) const {
        const HeadTensor k(dimsOf(l.inputDesc(1)), stateHeads), v(dimsOf(l.inputDesc(2)), stateHeads);
        parallelFor(k.batches * k.heads, 1, [&](std::int64_t begin, std::int64_t end) {
            std::vector<double> state(static_cast<std::size_t>(k.size * v.size));
            for (std::int64_t i = begin; i < end; ++i) {
                std::fill(state.begin(), state.end(), 0.0);
                const auto count = static_cast<std::int64_t>(state.size());
                if (l.hasInput(3)) loaderOf(l.inputType(3))(l.inputData(3), i * count, count, state.data());
                recur(l, k, v, i / k.heads, i % k.heads, state.data());
                if (l.hasOutput(1)) storerOf(l.outputType(1))(state.data(), l.outputData(1), i * count, count);
            }
        });
    }

private:
    bool isGated() const { return updateRule == "gated" || updateRule == "gated_delta"; }
    bool isDelta() const { return updateRule == "delta" || updateRule == "gated_delta"; }
    // `input` goes with the rule, and holds 1 or `size` numbers for each head of a token; beta also 1 for all heads.
    void checkGate(Shapes x, int input, bool wanted, const Dim& size, const char* what) const {
        if (x.has(input) != wanted)
            throw Error("update_rule \"" + updateRule + "\"" + (wanted ? " needs " : " excludes ") + what);
        if (!wanted || !x[input][2].isConstant() || !size.isConstant()) return;
        const std::int64_t n = x[input][2].value();
        const bool fits = n == stateHeads || (input == 4 ? n == stateHeads * size.value() : n == 1);
        if (!fits) throw Error(std::string(what) + " must not have " + std::to_string(n) + " elements for a token");
    }
    // All tokens of one head of one sample.
    void recur(const Launch& l, const HeadTensor& k, const HeadTensor& v, std::int64_t batch, std::int64_t head,
               double* state) const {
        const LoadRow load = loaderOf(l.inputType(0));
        const std::int64_t n = k.size, m = v.size;
        std::vector<double> key(static_cast<std::size_t>(n)), decay(key), value(static_cast<std::size_t>(m)), seen(value);
        for (std::int64_t token = 0; token < k.tokens; ++token) {
            load(l.inputData(1), k.at(batch, head, token), n, key.data());
            load(l.inputData(2), v.at(batch, head, token), m, value.data());
            if (isGated()) {
                readGate(l, 4, load, batch, head, token, decay);
                for (std::int64_t i = 0; i < n * m; ++i)
                    state[i] *= std::exp(decay[static_cast<std::size_t>(i / m)]);
            }
            if (isDelta()) correct(l, load, batch, head, token, key, state, value, seen);
            for (std::int64_t i = 0; i < n * m; ++i)
                state[i] += key[static_cast<std::size_t>(i / m)] * value[static_cast<std::size_t>(i % m)];
            const std::int64_t group = queryHeads / stateHeads;
            for (std::int64_t g = 0; g < group; ++g)
                put(l, load, batch, head * group + g, token, state, n, seen);
        }
    }
    // The numbers of a head of a token in decay or beta; one number stands for all.
    void readGate(const Launch& l, int input, LoadRow load, std::int64_t batch, std::int64_t head, std::int64_t token,
                  std::vector<double>& gate) const {
        const auto dims = dimsOf(l.inputDesc(input));
        const std::int64_t place = (batch * dims[1] + token) * dims[2], perHead = std::max<std::int64_t>(1, dims[2] / stateHeads);
        if (gate.empty()) return;
        load(l.inputData(input), dims[2] < stateHeads ? place : place + head * perHead, perHead, gate.data());
        if (perHead == 1) std::fill(gate.begin(), gate.end(), gate[0]);
    }
    // value = beta (value - key S).
    void correct(const Launch& l, LoadRow load, std::int64_t batch, std::int64_t head, std::int64_t token,
                 const std::vector<double>& key, const double* state, std::vector<double>& value,
                 std::vector<double>& seen) const {
        std::vector<double> beta(1);
        readGate(l, 5, load, batch, head, token, beta);
        multiply(key, state, seen);
        for (std::size_t i = 0; i < value.size(); ++i)
            value[i] = beta[0] * (value[i] - seen[i]);
    }
    // y = x S.
    static void multiply(const std::vector<double>& x, const double* state, std::vector<double>& y) {
        std::fill(y.begin(), y.end(), 0.0);
        for (const double factor : x)
            for (double& sum : y)
                sum += factor * *state++;
    }
    void put(const Launch& l, LoadRow load, std::int64_t batch, std::int64_t head, std::int64_t token, const double* state,
             std::int64_t size, std::vector<double>& result) const {
        std::vector<double> query(static_cast<std::size_t>(size));
        const std::int64_t place = (batch * l.inputDesc(0).dims.d[1] + token) * queryHeads + head;
        load(l.inputData(0), place * size, size, query.data());
        multiply(query, state, result);
        const double factor = scale != 0 ? static_cast<double>(scale) : 1 / std::sqrt(static_cast<double>(size));
        for (double& v : result)
            v *= factor;
        const auto n = static_cast<std::int64_t>(result.size());
        storerOf(l.outputType(0))(result.data(), l.outputData(0), place * n, n);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(linear_attention, tenon::reference::LinearAttention)
