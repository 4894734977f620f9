// y = softmax(q k^T / sqrt(H)) v of each head, over the first mask[b] keys; a head's q, k and v of H numbers each lie side by
// side in x (Vaswani et al. 2017; TensorRT's CustomQKVToContextPluginDynamic 1, and 4 behind another interface).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct QkvAttention {
    std::int64_t typeId = 0, hidden = 0, heads = 0;
    bool hasMask = false;
    float scale = 1.0F / 127.0F;
    static constexpr Identity identity = pluginIdentity("CustomQKVToContextPluginDynamic");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(in(T, optional(indexInts)), out(T)));
    static constexpr auto attributes() {
        using A = QkvAttention;
        return std::tuple{attr(1, "type_id", &A::typeId, "TensorRT's type, 0 float32, 1 float16; the input's type counts")
                              .required()
                              .range(0, 2),
                          attr(2, "hidden_size", &A::hidden, "numbers of all heads").required().range(1, INT32_MAX),
                          attr(3, "num_heads", &A::heads, "heads").required().range(1, INT32_MAX),
                          attr(4, "has_mask", &A::hasMask, "whether input 1 tells the keys of each sequence"),
                          attr(5, "dq_probs", &A::scale, "scale of int8 probabilities; makes no difference here")};
    }
    void check(const abi::LayerInfo& layer) {
        require(hidden % heads == 0, "attribute 'hidden_size' must divide by 'num_heads'");
        require(!hasMask || layer.inputCount == 2, "with 'has_mask' there must be an input 1");
    }
    // (S, B, 3 * hidden, 1, 1), or without the ones.
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        require(x[0].rank() == 5 || x[0].rank() == 3, "the input must be (length, batch, 3 * hidden_size, 1, 1)");
        y[0][2] = hidden;
        require(agree(x[0][2], 3 * hidden), "the input must have 3 * hidden_size columns");
        if (hasMask) require(agree(x[1].elements(), x[0][1]), "the mask must have one number for each sequence");
    }
    std::uint64_t workspace(const Layer& l) const {
        const abi::Dims& x = l.inputRange(0).max;
        return static_cast<std::uint64_t>(x.d[1] * heads) * static_cast<std::uint64_t>(x.d[0]) * sizeof(double);
    }
    void run(const Launch& l) const {
        dispatch<halfOrFloat>(l.inputType(0), [&]<class E>() {
            const View<const E> x = l.input<E>(0);
            const View<E> y = l.output<E>(0);
            const std::int64_t length = x.dim(0), batch = x.dim(1);
            require(x.size() == length * batch * 3 * hidden, "the input must have 3 * hidden_size columns");
            require(!hasMask || elementCount(l.inputDesc(1).dims) == batch, "the mask must have one number for each sequence");
            parallelFor(batch * heads, 1, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i) {
                    const std::int64_t keys = hasMask ? std::clamp<std::int64_t>(keysOf(l, i / heads), 0, length) : length;
                    auto* weights = static_cast<double*>(l.workspace()) + i * length;
                    attend(x.data + i * 3 * (hidden / heads), y.data + i * (hidden / heads), length, keys, batch, weights);
                }
            });
        });
    }

private:
    static std::int64_t keysOf(const Launch& l, std::int64_t sequence) {
        std::int64_t count = 0;
        dispatch<indexInts>(l.inputType(1), [&]<class N>() { count = l.input<N>(1)[sequence]; });
        return count;
    }
    // One head of one sequence. Without keys the result is 0.
    template <class E>
    void attend(const E* x, E* y, std::int64_t length, std::int64_t keys, std::int64_t batch, double* weights) const {
        const std::int64_t size = hidden / heads, step = batch * 3 * hidden;
        const double factor = 1 / std::sqrt(static_cast<double>(size));
        for (std::int64_t q = 0; q < length; ++q) {
            double most = -std::numeric_limits<double>::infinity(), sum = 0;
            for (std::int64_t k = 0; k < keys; ++k) {
                weights[k] = 0;
                for (std::int64_t d = 0; d < size; ++d)
                    weights[k] += static_cast<double>(Compute<E>(x[q * step + d])) * Compute<E>(x[k * step + size + d]);
                weights[k] *= factor;
                most = std::max(most, weights[k]);
            }
            for (std::int64_t k = 0; k < keys; ++k)
                sum += weights[k] = std::exp(weights[k] - most);
            for (std::int64_t d = 0; d < size; ++d) {
                double v = 0;
                for (std::int64_t k = 0; k < keys; ++k)
                    v += weights[k] * Compute<E>(x[k * step + 2 * size + d]);
                y[q * batch * hidden + d] = reference::elementFrom<E>(keys == 0 ? 0 : v / sum);
            }
        }
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(qkv_attention, tenon::tensorrt::QkvAttention, tenon::tensorrt::Version<tenon::tensorrt::QkvAttention, '4'>)
