// y = (x - mean) / sqrt(variance + epsilon) * scale + bias with the statistics of one image and group of channels
// (TensorRT's InstanceNormalization_TRT, a channel a group, optionally with a leaky ReLU, and GroupNormalizationPlugin).
#include "../reference/statistics.h"

#include "trt_plugin.h"

namespace tenon::tensorrt {

// scaleOf and biasOf give the parameters of a channel; slope is that of the result's negative part.
template <class E, class S, class B>
void normalizeGroups(View<const E> x, View<E> y, std::int64_t groupsPerImage, float epsilon, float slope, S&& scaleOf,
                     B&& biasOf) {
    if (x.size() == 0) return;
    const std::int64_t channels = x.dim(1), size = x.size() / x.dim(0) / groupsPerImage, area = x.size() / x.dim(0) / channels;
    parallelFor(x.dim(0) * groupsPerImage, std::max<std::int64_t>(1, 16384 / size), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t g = begin; g < end; ++g) {
            const reference::Moments m = reference::momentsOf(x.data + g * size, size);
            const double inverse = m.inverseDeviation(epsilon);
            for (std::int64_t i = g * size; i < (g + 1) * size; ++i) {
                const std::int64_t c = i / area % channels;
                const double v = (static_cast<double>(Compute<E>(x[i])) - m.mean) * inverse * static_cast<double>(scaleOf(c)) +
                                 static_cast<double>(biasOf(c));
                y[i] = reference::elementFrom<E>(v < 0 ? v * slope : v);
            }
        }
    });
}

struct InstanceNormalization {
    float epsilon = 1e-5F, slope = 0;
    std::vector<float> scales, biases;
    bool isRelu = false;
    static constexpr Identity identity = pluginIdentity("InstanceNormalization_TRT");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        using N = InstanceNormalization;
        return std::tuple{attr(1, "epsilon", &N::epsilon, "added to the variance").range(0, 1e30),
                          attr(2, "scales", &N::scales, "factor of each channel").required(),
                          attr(3, "bias", &N::biases, "added to each channel").required(),
                          attr(4, "relu", &N::isRelu, "whether a leaky ReLU follows"),
                          attr(5, "alpha", &N::slope, "slope of its negative part")};
    }
    void check(const abi::LayerInfo&) { require(scales.size() == biases.size(), "scales and bias differ in length"); }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        require(x[0].rank() >= 3, "the input must have rank 3 at least");
        if (!agree(x[0][1], static_cast<std::int64_t>(scales.size())))
            throw Error("scales has " + std::to_string(scales.size()) + " elements, must have one for each channel");
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        require(x.dim(1) == static_cast<std::int64_t>(scales.size()), "scales must have one element for each channel");
        const auto at = [](const std::vector<float>& v) {
            return [&v](std::int64_t c) { return v[static_cast<std::size_t>(c)]; };
        };
        normalizeGroups(x, y, x.dim(1), epsilon, isRelu ? slope : 1.0F, at(scales), at(biases));
    }
};

struct GroupNormalization {
    float epsilon = 1e-5F;
    std::int64_t groupCount = 1;
    static constexpr Identity identity = pluginIdentity("GroupNormalizationPlugin");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T, T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "eps", &GroupNormalization::epsilon, "added to the variance").range(0, 1e30),
                          attr(2, "num_groups", &GroupNormalization::groupCount, "groups of channels").range(1, INT32_MAX)};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        require(x[0].rank() >= 3, "the input must have rank 3 at least");
        require(!x[0][1].isConstant() || x[0][1].value() % groupCount == 0, "the channels do not divide into num_groups groups");
        reference::checkPerChannel(x[1], x[0][1], "scale");
        reference::checkPerChannel(x[2], x[0][1], "bias");
    }
    template <class E>
    void run(View<const E> x, View<const E> scale, View<const E> bias, View<E> y) const {
        const std::int64_t channels = x.dim(1);
        require(channels % groupCount == 0 && scale.size() == channels && bias.size() == channels,
                "the channels do not divide into num_groups groups, or scale or bias do not fit them");
        normalizeGroups(
            x, y, groupCount, epsilon, 1.0F, [&](std::int64_t c) { return Compute<E>(scale[c]); },
            [&](std::int64_t c) { return Compute<E>(bias[c]); });
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(image_normalization, tenon::tensorrt::InstanceNormalization,
                tenon::tensorrt::Version<tenon::tensorrt::InstanceNormalization, '2'>,
                tenon::tensorrt::Version<tenon::tensorrt::InstanceNormalization, '3'>, tenon::tensorrt::GroupNormalization)
