// Y = p(softmax(s(scale Q K^T))) V for every head, with networks s and p of the model's own between the steps; heads of K and V
// serve groups of heads of Q (Dong et al., Flex Attention, 2024; ai.onnx.preview FlexAttention version 1).
#include "attention_size.h"
#include "work.h"

#include <tenon/sdk/subgraph.h>

namespace tenon::reference {
using namespace sdk;

struct FlexAttention {
    Graph probMod, scoreMod;
    std::optional<float> scale;
    DataType softmaxPrecision = DataType::undefined;
    static constexpr Identity identity{.name = "FlexAttention", .since = 1, .domain = "ai.onnx.preview"};
    static constexpr Slot T = var('T', floats);
    static constexpr Slot kCaptured = optional(variadic(orComposite(anyType | halfBytes)));
    static constexpr auto formats = rows(row(in(T, T, T, kCaptured), out(T)));
    static constexpr auto attributes() {
        using F = FlexAttention;
        return std::tuple{
            attr(1, "prob_mod", &F::probMod, "graph that changes the probabilities"),
            attr(2, "scale", &F::scale, "factor of the products; default: 1 / sqrt(size of a head)"),
            attr(3, "score_mod", &F::scoreMod, "graph that changes the scores"),
            attr(4, "softmax_precision", &F::softmaxPrecision, "type of scores; default: float32, for float64 itself")};
    }
    void check(const abi::LayerInfo&) const {
        if (softmaxPrecision != DataType::undefined && !floats.has(softmaxPrecision))
            throw Error(std::string("softmax_precision must be a floating-point type, found ") + typeName(softmaxPrecision));
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        out[0] = in[0];
        for (const Graph* g : {&scoreMod, &probMod}) {
            if (g->handle == nullptr) continue;
            const DataType type = scoreType(in[0]);
            if (Subgraph(*g).formalCount() != 1 || Subgraph(*g).outputTypes(inputsOf(*g, type, in)) != std::vector{type})
                throw Error(std::string("score_mod and prob_mod must make one tensor of ") + typeName(type) + " from one");
        }
    }
    void infer(Shapes x, Shapes y) const {
        for (int i = 0; i < 3; ++i)
            if (x[i].rank() != 4) throw Error("Q, K and V must have rank 4, found " + std::to_string(x[i].rank()));
        for (int i = 1; i < 3; ++i)
            matchDims(x[i][0], x[0][0], "the batch of K or V");
        matchDims(x[1][3], x[0][3], "the head size of K");
        matchDims(x[2][1], x[1][1], "the number of heads of V");
        matchDims(x[2][2], x[1][2], "the length of V");
        if (x[0][1].isConstant() && x[1][1].isConstant() && (x[1][1].is(0) || x[0][1].value() % x[1][1].value() != 0))
            throw Error(std::to_string(x[0][1].value()) + " heads of Q do not divide into groups for " +
                        std::to_string(x[1][1].value()) + " heads of K");
        y[0] = x[0].dims();
        y[0][3] = x[2][3];
    }
    Cost cost(const Layer& l) const {
        return workOf(l, 4 * elements(l.inputRange(0)) * static_cast<double>(l.inputRange(1).opt.d[2]));
    }
    void run(const Launch& l) const {
        const auto q = dimsOf(l.inputDesc(0));
        const std::int64_t keys = l.inputDesc(1).dims.d[2], lines = q[0] * q[1] * q[2];
        OwnedTensor scores(scoreType(l.inputType(0)), std::array{q[0], q[1], q[2], keys});
        multiply(l, scores);
        scores = modified(l, scoreMod, std::move(scores));
        const LoadRow load = loaderOf(scores.desc().type);
        const StoreRow store = storerOf(scores.desc().type);
        parallelFor(lines, 16, [&](std::int64_t begin, std::int64_t end) {
            std::vector<double> row(static_cast<std::size_t>(keys));
            for (std::int64_t i = begin; i < end; ++i) {
                load(scores.data(), i * keys, keys, row.data());
                softmax(row.data(), keys);
                store(row.data(), scores.data(), i * keys, keys);
            }
        });
        mix(l, modified(l, probMod, std::move(scores)));
    }

private:
    DataType scoreType(DataType type) const {
        if (softmaxPrecision != DataType::undefined) return softmaxPrecision;
        return type == DataType::f64 ? type : DataType::f32;
    }
    // The scores, then what the graph uses of the outer tensors, which follow Q, K and V: first those of prob_mod.
    template <class E>
    std::vector<E> inputsOf(const Graph& graph, const E& first, std::span<const E> layer) const {
        const auto captured = static_cast<std::size_t>(Subgraph(graph).capturedCount());
        const bool isBehind = &graph == &scoreMod && probMod.handle != nullptr;
        const std::size_t from = 3 + (isBehind ? static_cast<std::size_t>(Subgraph(probMod).capturedCount()) : 0);
        if (layer.size() < from + captured) throw Error("outer tensors of the graphs are missing");
        std::vector<E> all{first};
        all.insert(all.end(), layer.begin() + static_cast<std::ptrdiff_t>(from),
                   layer.begin() + static_cast<std::ptrdiff_t>(from + captured));
        return all;
    }
    OwnedTensor modified(const Launch& l, const Graph& graph, OwnedTensor tensor) const {
        if (graph.handle == nullptr) return tensor;
        std::vector<abi::FieldTensor> layer;
        for (int i = 0; i < l.inputCount(); ++i)
            layer.push_back(inputTensor(l, i));
        const auto y = Subgraph(graph).run(inputsOf(graph, tensor.ref(), std::span<const abi::FieldTensor>(layer)));
        const abi::TensorDesc& found = y.at(0).desc;
        if (found.type != tensor.desc().type || !sameDims(found.dims, tensor.desc().dims))
            throw Error("score_mod and prob_mod must keep the dims and the type of their input");
        return OwnedTensor(y[0]);
    }
    void multiply(const Launch& l, OwnedTensor& scores) const {
        const HeadTensor q(dimsOf(l.inputDesc(0)), 0), k(dimsOf(l.inputDesc(1)), 0);
        const LoadRow load = loaderOf(l.inputType(0));
        const StoreRow store = storerOf(scores.desc().type);
        const double factor = scale ? static_cast<double>(*scale) : q.size == 0 ? 1 : 1 / std::sqrt(static_cast<double>(q.size));
        parallelFor(q.batches * q.heads * q.tokens, 1, [&](std::int64_t begin, std::int64_t end) {
            std::vector<double> query(static_cast<std::size_t>(q.size)), key(query), row(static_cast<std::size_t>(k.tokens));
            for (std::int64_t i = begin; i < end; ++i) {
                const std::int64_t line = i / q.tokens, head = line % q.heads / (q.heads / k.heads);
                load(l.inputData(0), i * q.size, q.size, query.data());
                for (std::int64_t j = 0; j < k.tokens; ++j) {
                    load(l.inputData(1), k.at(line / q.heads, head, j), k.size, key.data());
                    row[static_cast<std::size_t>(j)] = factor * product(query.data(), key.data(), q.size);
                }
                store(row.data(), scores.data(), i * k.tokens, k.tokens);
            }
        });
    }
    void mix(const Launch& l, OwnedTensor probabilities) const {
        const HeadTensor q(dimsOf(l.inputDesc(0)), 0), v(dimsOf(l.inputDesc(2)), 0);
        const LoadRow load = loaderOf(probabilities.desc().type), loadValue = loaderOf(l.inputType(2));
        const StoreRow store = storerOf(l.outputType(0));
        parallelFor(q.batches * q.heads * q.tokens, 1, [&](std::int64_t begin, std::int64_t end) {
            std::vector<double> p(static_cast<std::size_t>(v.tokens)), value(static_cast<std::size_t>(v.size)), sums(value);
            for (std::int64_t i = begin; i < end; ++i) {
                const std::int64_t line = i / q.tokens, head = line % q.heads / (q.heads / v.heads);
                load(probabilities.data(), i * v.tokens, v.tokens, p.data());
                std::ranges::fill(sums, 0.0);
                for (std::int64_t j = 0; j < v.tokens; ++j) {
                    loadValue(l.inputData(2), v.at(line / q.heads, head, j), v.size, value.data());
                    for (std::size_t d = 0; p[static_cast<std::size_t>(j)] != 0 && d < sums.size(); ++d)
                        sums[d] += p[static_cast<std::size_t>(j)] * value[d];
                }
                store(sums.data(), l.outputData(0), i * v.size, v.size);
            }
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(flex_attention, tenon::reference::FlexAttention)
