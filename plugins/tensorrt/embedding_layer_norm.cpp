// y[s, b] = layer normalization of word[token] + segment[type] + position[s]; mask[b] = leading ones of the input mask (BERT's
// embedding; TensorRT's CustomEmbLayerNormPluginDynamic 1, and 6 behind another interface).
#include "layer_norm.h"

namespace tenon::tensorrt {

struct EmbeddingLayerNorm {
    bool isHalf = false, isFullMask = false;
    std::int64_t attentionType = 0;
    Tensor beta, gamma, words, segments, positions;
    static constexpr Identity identity = pluginIdentity("CustomEmbLayerNormPluginDynamic");
    static constexpr Slot I = var('I', indexInts);
    static constexpr auto formats = rows(row(in(I, I, I), out(f32, optional(i32))), row(in(I, I, I), out(f16, optional(i32))));
    static constexpr auto attributes() {
        using L = EmbeddingLayerNorm;
        return std::tuple{
            attr(1, "output_fp16", &L::isHalf, "1: the embedding is float16, 0: float32"),
            attr(2, "full_mask", &L::isFullMask, "1, the mask as fused attention kernels read it, is not supported"),
            attr(3, "mha_type_id", &L::attentionType, "TensorRT's type of the attention that follows; makes no difference here")
                .range(0, 2),
            attr(4, "bert_embeddings_layernorm_beta", &L::beta, "added after normalization").required(),
            attr(5, "bert_embeddings_layernorm_gamma", &L::gamma, "factor after normalization").required(),
            attr(6, "bert_embeddings_word_embeddings", &L::words, "a row for each token").required(),
            attr(7, "bert_embeddings_token_type_embeddings", &L::segments, "a row for each segment type").required(),
            attr(8, "bert_embeddings_position_embeddings", &L::positions, "a row for each position").required()};
    }
    void check(const abi::LayerInfo&) {
        require(!isFullMask, "attribute 'full_mask': packed masks are not supported");
        affine_ = Affine(gamma, "bert_embeddings_layernorm_gamma", beta, "bert_embeddings_layernorm_beta");
        word_ = weightsOf(words, "bert_embeddings_word_embeddings");
        segment_ = weightsOf(segments, "bert_embeddings_token_type_embeddings");
        position_ = weightsOf(positions, "bert_embeddings_position_embeddings");
        for (const std::vector<float>* table : {&word_, &segment_, &position_})
            require(table->size() % affine_.gamma.size() == 0, "the rows of an embedding are not as long as the parameters");
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        if (!indexInts.has(in[0]) || in[1] != in[0] || in[2] != in[0]) throw Error("the inputs must be all int32 or all int64");
        out[0] = isHalf ? DataType::f16 : DataType::f32;
        if (out.size() > 1) out[1] = DataType::i32;
    }
    void infer(Shapes x, Shapes y) const {
        for (int i = 0; i < 3; ++i)
            requireRank(x[i], 2, "an input");
        require(agree(x[0][0], x[1][0]) && agree(x[0][1], x[1][1]) && agree(x[0][0], x[2][0]) && agree(x[0][1], x[2][1]),
                "the inputs differ in dimensions");
        y[0] = {x[0][0], x[0][1], affine_.hidden(), 1, 1};
        if (y.count() > 1) y[1] = {x[0][1], 1};
    }
    void run(const Launch& l) const {
        const abi::Dims& dims = l.inputDesc(0).dims;
        require(sameDims(dims, l.inputDesc(1).dims) && sameDims(dims, l.inputDesc(2).dims), "the inputs differ in dimensions");
        dispatch<indexInts>(l.inputType(0), [&]<class N>() {
            dispatch<halfOrFloat>(l.outputType(0), [&]<class E>() { embed(l.input<N>(0), l.input<N>(1), l.output<E>(0)); });
            if (l.hasOutput(1)) countOnes(l.input<N>(2), l.output<std::int32_t>(1));
        });
    }

private:
    template <class N, class E>
    void embed(View<const N> tokens, View<const N> types, View<E> y) const {
        const std::int64_t batch = tokens.dim(1), hidden = affine_.hidden();
        for (std::int64_t i = 0; i < tokens.size(); ++i) {
            const float* word = rowOf(word_, tokens[i], "token");
            const float* segment = rowOf(segment_, types[i], "segment");
            const float* position = rowOf(position_, i / batch, "position");
            affine_.normalize([&](std::int64_t k) { return static_cast<double>(word[k]) + segment[k] + position[k]; },
                              y.data + i * hidden, 1);
        }
    }
    const float* rowOf(const std::vector<float>& table, std::int64_t i, const char* what) const {
        const auto count = static_cast<std::int64_t>(table.size()) / affine_.hidden();
        if (i < 0 || i >= count)
            throw Error("there is no embedding of " + std::string(what) + " " + std::to_string(i) + " in a table of " +
                        std::to_string(count));
        return table.data() + i * affine_.hidden();
    }
    template <class N>
    static void countOnes(View<const N> mask, View<std::int32_t> counts) {
        const std::int64_t length = mask.dim(0), batch = mask.dim(1);
        for (std::int64_t b = 0; b < batch; ++b) {
            std::int64_t n = 0;
            while (n < length && mask[n * batch + b] != 0)
                ++n;
            counts[b] = static_cast<std::int32_t>(n);
        }
    }

    Affine affine_;
    std::vector<float> word_, segment_, position_;
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(embedding_layer_norm, tenon::tensorrt::EmbeddingLayerNorm,
                tenon::tensorrt::Version<tenon::tensorrt::EmbeddingLayerNorm, '6'>)
