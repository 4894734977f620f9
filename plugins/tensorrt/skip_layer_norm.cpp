// y = (u - mean) / deviation * gamma + beta along the hidden axis, u = x + skip + bias (TensorRT's
// CustomSkipLayerNormPluginDynamic; versions 5 to 8 are 1 to 4 behind another interface).
#include "layer_norm.h"

namespace tenon::tensorrt {

// The hidden axis is kAxis of a tensor of rank kRank.
template <int kAxis, int kRank>
struct SkipLayerNormBase {
    Tensor gamma, beta;
    std::optional<Tensor> bias;
    static constexpr Slot T = var('T', halfOrFloat);

    void prepare() {
        affine_ = Affine(gamma, "gamma", beta, "beta");
        if (bias) biases_ = weightsOf(*bias, "bias");
        require(!bias || biases_.size() == affine_.gamma.size(), "attribute 'bias' must be as long as 'beta'");
    }
    std::int64_t hidden() const { return affine_.hidden(); }
    // BERT's networks have (S, B, E, 1, 1); (S, B, E) is the same tensor.
    void infer(Shapes x, Shapes y) const {
        for (int i = 0; i < y.count(); ++i)
            y[i] = x[0].dims();
        require(x[0].rank() == kRank || (kRank == 5 && x[0].rank() >= 3), "the input is of a wrong rank");
        require(x[1].rank() == x[0].rank(), "input and skip differ in rank");
        for (int i = 0; i < x[0].rank(); ++i)
            require(agree(x[0][i], x[1][i]), "input and skip differ in dimensions");
        require(agree(x[0][kAxis], affine_.hidden()), "'beta' and 'gamma' must have one element for each of the hidden axis");
    }
    void run(const Launch& l) const {
        dispatch<halfOrFloat>(l.inputType(0), [&]<class E>() {
            const View<const E> x = l.input<E>(0), skip = l.input<E>(1);
            const View<E> y = l.output<E>(0);
            require(sameDims(l.inputDesc(0).dims, l.inputDesc(1).dims) && x.dim(kAxis) == affine_.hidden(),
                    "input, skip and parameters differ in dimensions");
            E* sums = l.hasOutput(1) ? l.output<E>(1).data : nullptr;
            std::int64_t inner = 1;
            for (int i = kAxis + 1; i < x.rank(); ++i)
                inner *= x.dim(i);
            parallelFor(x.size() / affine_.hidden(), 64, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t r = begin; r < end; ++r) {
                    const std::int64_t first = r / inner * affine_.hidden() * inner + r % inner;
                    const auto sum = [&](std::int64_t i) {
                        const double b = bias ? biases_[static_cast<std::size_t>(i)] : 0;
                        return Compute<E>(x[first + i * inner]) + static_cast<double>(Compute<E>(skip[first + i * inner])) + b;
                    };
                    affine_.normalize(sum, y.data + first, inner);
                    for (std::int64_t i = 0; sums != nullptr && i < affine_.hidden(); ++i)
                        sums[first + i * inner] = reference::elementFrom<E>(sum(i));
                }
            });
        });
    }

private:
    Affine affine_;
    std::vector<float> biases_;
};

// Versions 1 and 5: x is (S, B, E, 1, 1).
struct SkipLayerNorm : SkipLayerNormBase<2, 5> {
    std::int64_t typeId = 0, leadingDimension = 0;
    static constexpr Identity identity = pluginIdentity("CustomSkipLayerNormPluginDynamic");
    static constexpr auto formats = rows(row(T, T, T));
    static constexpr auto attributes() {
        using S = SkipLayerNorm;
        return std::tuple{attr(1, "type_id", &S::typeId, "TensorRT's type, 0 float32, 1 float16; the input's type counts")
                              .required()
                              .range(0, 2),
                          attr(2, "ld", &S::leadingDimension, "length of the hidden axis").required().range(1, INT32_MAX),
                          Attribute<S, Tensor>{3, "beta", &S::beta, "added after normalization"}.required(),
                          Attribute<S, Tensor>{4, "gamma", &S::gamma, "factor after normalization"}.required(),
                          Attribute<S, std::optional<Tensor>>{5, "bias", &S::bias, "added before normalization"}};
    }
    void check(const abi::LayerInfo&) {
        prepare();
        require(leadingDimension == hidden(), "attribute 'ld' must be the length of 'beta'");
    }
};

// Versions 2 and 6: sequences of different lengths one after the other, which makes no difference here.
struct SkipLayerNormVariable : SkipLayerNormBase<2, 5> {
    std::int64_t typeId = 0;
    static constexpr Identity identity = pluginIdentity("CustomSkipLayerNormPluginDynamic", "2");
    static constexpr auto formats = rows(row(T, T, T));
    static constexpr auto attributes() {
        using S = SkipLayerNormVariable;
        return std::tuple{attr(1, "type_id", &S::typeId, "TensorRT's type, 0 float32, 1 float16; the input's type counts")
                              .required()
                              .range(0, 2),
                          Attribute<S, Tensor>{2, "beta", &S::beta, "added after normalization"}.required(),
                          Attribute<S, Tensor>{3, "gamma", &S::gamma, "factor after normalization"}.required(),
                          Attribute<S, std::optional<Tensor>>{4, "bias", &S::bias, "added before normalization"}};
    }
    void check(const abi::LayerInfo&) { prepare(); }
};

// Versions 3 and 7: x is (1, E, S, 1); with kOutputs 2, versions 4 and 8: also gives u.
template <int kOutputs>
struct SkipLayerNormInterleaved : SkipLayerNormBase<1, 4> {
    static constexpr Identity identity = pluginIdentity("CustomSkipLayerNormPluginDynamic", kOutputs == 1 ? "3" : "4");
    static constexpr auto formats = rows(kOutputs == 1 ? row(in(T, T), out(T)) : row(in(T, T), out(T, T)));
    static constexpr auto attributes() {
        using S = SkipLayerNormInterleaved;
        return std::tuple{Attribute<S, Tensor>{1, "beta", &S::beta, "added after normalization"}.required(),
                          Attribute<S, Tensor>{2, "gamma", &S::gamma, "factor after normalization"}.required()};
    }
    void check(const abi::LayerInfo&) { prepare(); }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(skip_layer_norm, tenon::tensorrt::SkipLayerNorm, tenon::tensorrt::Version<tenon::tensorrt::SkipLayerNorm, '5'>,
                tenon::tensorrt::SkipLayerNormVariable, tenon::tensorrt::Version<tenon::tensorrt::SkipLayerNormVariable, '6'>,
                tenon::tensorrt::SkipLayerNormInterleaved<1>,
                tenon::tensorrt::Version<tenon::tensorrt::SkipLayerNormInterleaved<1>, '7'>,
                tenon::tensorrt::SkipLayerNormInterleaved<2>,
                tenon::tensorrt::Version<tenon::tensorrt::SkipLayerNormInterleaved<2>, '8'>)
