// y = convolution of x at positions shifted by `offset` and weighted by `mask` (Zhu et al., Deformable ConvNets v2, 2018;
// TensorRT's ModulatedDeformConv2d).
#include "bilinear.h"

namespace tenon::tensorrt {

struct ModulatedDeformConv {
    std::vector<std::int64_t> stride{1, 1}, padding{0, 0}, dilation{1, 1};
    std::int64_t groups = 1, offsetGroups = 1;
    static constexpr Identity identity = pluginIdentity("ModulatedDeformConv2d");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(in(T, T, T, T, optional(T)), out(T)));
    static constexpr auto attributes() {
        using C = ModulatedDeformConv;
        return std::tuple{
            attr(1, "stride", &C::stride, "of the window, along height and width"),
            attr(2, "padding", &C::padding, "zeros around the input"),
            attr(3, "dilation", &C::dilation, "distance of the window's taps"),
            attr(4, "group", &C::groups, "groups of channels").range(1, INT32_MAX),
            attr(5, "deformable_group", &C::offsetGroups, "groups of channels with their own offsets").range(1, INT32_MAX)};
    }
    void check(const abi::LayerInfo&) {
        const auto isPair = [](const std::vector<std::int64_t>& v, std::int64_t least) {
            return v.size() == 2 && std::min(v[0], v[1]) >= least && std::max(v[0], v[1]) <= INT32_MAX;
        };
        require(isPair(stride, 1) && isPair(padding, 0) && isPair(dilation, 1),
                "stride, padding and dilation must be two numbers each, stride and dilation positive, padding not negative");
    }
    void infer(Shapes x, Shapes y) const {
        for (int i = 0; i < 4; ++i)
            requireRank(x[i], 4, ("input " + std::to_string(i)).c_str());
        const Shape &offset = x[1], &mask = x[2], &weight = x[3];
        y[0] = {x[0][0], weight[0], mask[2], mask[3]};
        const Dim taps = weight[2] * weight[3] * offsetGroups;
        require(agree(offset[0], x[0][0]) && agree(mask[0], x[0][0]), "input, offset and mask differ in batch");
        require(agree(offset[1], taps * 2) && agree(mask[1], taps), "offset and mask do not fit the window");
        require(agree(x[0][1], weight[1] * groups), "input and weight differ in channels");
        require(!weight[0].isConstant() || weight[0].value() % groups == 0, "the output channels do not divide into groups");
        require(!x[0][1].isConstant() || x[0][1].value() % offsetGroups == 0,
                "the channels do not divide into deformable groups");
        for (int i = 0; i < 2; ++i) {
            const Dim extent =
                floorDiv(x[0][2 + i] + (2 * at(padding, i)) - (weight[2 + i] - 1) * at(dilation, i) - 1, at(stride, i)) + 1;
            require(agree(mask[2 + i], extent) && agree(offset[2 + i], extent), "offset and mask do not fit the output");
        }
        if (x.has(4))
            require(x[4].rank() == 1 && agree(x[4][0], weight[0]), "bias must have one element for each output channel");
    }
    // The sampled input of one image, a row for each channel and tap.
    std::uint64_t workspace(const Layer& l) const {
        const abi::Dims &x = l.inputRange(0).max, &mask = l.inputRange(2).max, &weight = l.inputRange(3).max;
        return static_cast<std::uint64_t>(x.d[1] * weight.d[2] * weight.d[3]) *
               static_cast<std::uint64_t>(mask.d[2] * mask.d[3]) * sizeof(float);
    }
    void run(const Launch& l) const {
        dispatch<halfOrFloat>(l.inputType(0), [&]<class E>() {
            const View<const E> x = l.input<E>(0), offset = l.input<E>(1), mask = l.input<E>(2), weight = l.input<E>(3);
            const View<E> y = l.output<E>(0);
            const std::int64_t taps = weight.dim(2) * weight.dim(3), area = y.dim(2) * y.dim(3);
            require(mask.size() == x.dim(0) * offsetGroups * taps * area && offset.size() == 2 * mask.size() &&
                        x.dim(1) == weight.dim(1) * groups && y.dim(1) % groups == 0 && x.dim(1) % offsetGroups == 0 &&
                        (!l.hasInput(4) || l.input<E>(4).size() == y.dim(1)),
                    "the inputs differ in dimensions");
            auto* samples = static_cast<float*>(l.workspace());
            const E* bias = l.hasInput(4) ? l.input<E>(4).data : nullptr;
            for (std::int64_t n = 0; n < x.dim(0); ++n) {
                const std::int64_t shifts = n * offsetGroups * taps * area;
                sample(x, n, weight, offset.data + 2 * shifts, mask.data + shifts, y, samples);
                multiply(weight, samples, bias, y.data + n * y.dim(1) * area, area);
            }
        });
    }

private:
    static std::int64_t at(const std::vector<std::int64_t>& v, int i) { return v[static_cast<std::size_t>(i)]; }

    // samples[channel][tap][pixel of y]; the shift of a tap is two planes, rows and columns.
    template <class E>
    void sample(View<const E> x, std::int64_t n, View<const E> weight, const E* offset, const E* mask, View<E> y,
                float* samples) const {
        const std::int64_t taps = weight.dim(2) * weight.dim(3), width = y.dim(3), area = y.dim(2) * width;
        const std::int64_t channels = x.dim(1), perGroup = channels / offsetGroups, plane = x.dim(2) * x.dim(3);
        parallelFor(offsetGroups * taps * area, 256, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const std::int64_t p = i % area, tap = i / area % taps, group = i / area / taps;
                const E* shift = offset + i / area * 2 * area + p;
                const double row = position(p / width, tap / weight.dim(3), 0) + Compute<E>(shift[0]);
                const double column = position(p % width, tap % weight.dim(3), 1) + Compute<E>(shift[area]);
                const Corners c = cornersAt(row, column, x.dim(2), x.dim(3));
                for (std::int64_t k = group * perGroup; k < (group + 1) * perGroup; ++k) {
                    const E* image = x.data + (n * channels + k) * plane;
                    const double v = c.sum([&](std::int64_t pixel) { return static_cast<double>(Compute<E>(image[pixel])); });
                    samples[(k * taps + tap) * area + p] = static_cast<float>(v * Compute<E>(mask[i]));
                }
            }
        });
    }
    double position(std::int64_t i, std::int64_t tap, int axis) const {
        return static_cast<double>(i * at(stride, axis) - at(padding, axis) + tap * at(dilation, axis));
    }

    // y[o][pixel] = bias[o] + sum over the channels of o's group and the taps of weight * sample.
    template <class E>
    void multiply(View<const E> weight, const float* samples, const E* bias, E* y, std::int64_t area) const {
        constexpr std::int64_t kChunk = 64;
        const std::int64_t outputs = weight.dim(0), terms = weight.dim(1) * weight.dim(2) * weight.dim(3);
        const std::int64_t chunks = (area + kChunk - 1) / kChunk;
        parallelFor(outputs * chunks, 4, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const std::int64_t o = i / chunks, first = i % chunks * kChunk, count = std::min(kChunk, area - first);
                const float* from = samples + o / (outputs / groups) * terms * area + first;
                std::array<double, kChunk> sums;
                sums.fill(bias != nullptr ? static_cast<double>(Compute<E>(bias[o])) : 0.0);
                for (std::int64_t t = 0; t < terms; ++t) {
                    const double w = Compute<E>(weight[o * terms + t]);
                    for (std::int64_t p = 0; p < count; ++p)
                        sums[static_cast<std::size_t>(p)] += w * from[t * area + p];
                }
                for (std::int64_t p = 0; p < count; ++p)
                    y[o * area + first + p] = reference::elementFrom<E>(sums[static_cast<std::size_t>(p)]);
            }
        });
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(deform_conv, tenon::tensorrt::ModulatedDeformConv,
                tenon::tensorrt::Version<tenon::tensorrt::ModulatedDeformConv, '2'>)
