// y = x / sqrt(sum x^2 + eps) * weight, the sum over the channels of a pixel, or over the whole image (Liu et al., SSD, 2016;
// TensorRT's Normalize_TRT).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct Normalize {
    Tensor weights;
    bool isAcrossSpatial = false, isShared = false;
    std::int64_t weightTensors = 1;
    float epsilon = 0;
    static constexpr Identity identity = pluginIdentity("Normalize_TRT");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        using N = Normalize;
        return std::tuple{
            attr(1, "weights", &N::weights, "factor of each channel, or of all").required(),
            attr(2, "acrossSpatial", &N::isAcrossSpatial, "whether the sum is over the image, not over a pixel").required(),
            attr(3, "channelShared", &N::isShared, "whether there is one weight for all channels").required(),
            attr(4, "nbWeights", &N::weightTensors, "weight tensors; always 1").range(1, 1),
            attr(5, "eps", &N::epsilon, "added to the sum").required().range(0, 1e30)};
    }
    void check(const abi::LayerInfo&) {
        scales_ = weightsOf(weights, "weights");
        require(!scales_.empty(), "attribute 'weights' is empty");
    }
    // (N, C, H, W), or (C, H, W) of one image.
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        require(x[0].rank() == 3 || x[0].rank() == 4, "the input must have rank 3 or 4");
        require(isShared || agree(x[0][x[0].rank() - 3], static_cast<std::int64_t>(scales_.size())),
                "attribute 'weights' must have one element for each channel");
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        const int r = x.rank();
        const std::int64_t channels = x.dim(r - 3), area = x.dim(r - 2) * x.dim(r - 1), images = r == 4 ? x.dim(0) : 1;
        require(isShared || static_cast<std::int64_t>(scales_.size()) == channels, "the weights do not fit the channels");
        const std::int64_t sums = isAcrossSpatial ? 1 : area, terms = isAcrossSpatial ? area : 1;
        parallelFor(images * sums, 256, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t s = begin; s < end; ++s) {
                const std::int64_t first = s / sums * channels * area + s % sums;
                double sum = epsilon;
                for (std::int64_t i = 0; i < channels * terms; ++i) {
                    const double v = Compute<E>(x[first + i / terms * area + i % terms]);
                    sum += v * v;
                }
                const double inverse = 1 / std::sqrt(sum);
                for (std::int64_t i = 0; i < channels * terms; ++i) {
                    const std::int64_t at = first + i / terms * area + i % terms;
                    const float scale = scales_[isShared ? 0 : static_cast<std::size_t>(i / terms)];
                    y[at] = reference::elementFrom<E>(Compute<E>(x[at]) * inverse * scale);
                }
            }
        });
    }

private:
    std::vector<float> scales_;
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(normalize, tenon::tensorrt::Normalize)
