// y[n, r, c] = mean of bilinear samples in the bins of region r, in that of four feature maps that suits its area (Lin et al.,
// Feature Pyramid Networks, 2017, equation 1; TensorRT's PyramidROIAlign_TRT).
#include "bilinear.h"

namespace tenon::tensorrt {

struct PyramidRoiAlign {
    std::int64_t scale = 224, pooled = 7, transform = 2, samplingRatio = 0;
    std::vector<std::int64_t> imageSize{1024, 1024};
    bool isAbsolute = true, isYFirst = false, isEndIncluded = false, isLegacy = false;
    static constexpr Identity identity = pluginIdentity("PyramidROIAlign_TRT");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(in(T, T, T, T, T), out(T)));
    static constexpr auto attributes() {
        using P = PyramidRoiAlign;
        return std::tuple{
            attr(1, "fpn_scale", &P::scale, "edge of the regions in pixels that the third map begins with").range(1, INT32_MAX),
            attr(2, "pooled_size", &P::pooled, "bins along height and width").range(1, 1 << 15),
            attr(3, "image_size", &P::imageSize, "height and width of the image"),
            attr(4, "roi_coords_absolute", &P::isAbsolute, "1: coordinates are pixels of the image, 0: fractions of it"),
            attr(5, "roi_coords_swap", &P::isYFirst, "1: a region is y1, x1, y2, x2, 0: x1, y1, x2, y2"),
            attr(6, "roi_coords_plusone", &P::isEndIncluded,
                 "whether the last pixel belongs to a region, when its area is taken"),
            attr(7, "roi_coords_transform", &P::transform,
                 "-1: edge to edge, 0: no half pixels, 1: output_half_pixel, 2: half_pixel")
                .range(-1, 2),
            attr(8, "sampling_ratio", &P::samplingRatio, "samples along each axis of a bin; 0: as many as it has pixels")
                .range(0, 1 << 15),
            attr(9, "legacy", &P::isLegacy, "the plugin's first version: fractions, y first, edge to edge, one sample")};
    }
    void check(const abi::LayerInfo&) {
        require(imageSize.size() == 2 && imageSize[0] > 0 && imageSize[1] > 0,
                "attribute 'image_size' must be a height and a width");
        if (!isLegacy) return;
        isAbsolute = isEndIncluded = false;
        isYFirst = true;
        transform = -1;
        samplingRatio = 1;
    }
    void infer(Shapes x, Shapes y) const {
        requireRank(x[0], 3, "the regions");
        require(agree(x[0][2], 4), "a region must have 4 coordinates");
        for (int i = 1; i < 5; ++i) {
            requireRank(x[i], 4, "a feature map");
            require(agree(x[i][0], x[0][0]) && agree(x[i][1], x[1][1]), "the inputs differ in batch or channels");
        }
        y[0] = {x[0][0], x[0][1], x[1][1], pooled, pooled};
    }
    void run(const Launch& l) const {
        dispatch<halfOrFloat>(l.inputType(0), [&]<class E>() {
            const View<const E> rois = l.input<E>(0);
            const View<E> y = l.output<E>(0);
            const std::int64_t channels = y.dim(2), size = channels * pooled * pooled;
            require(rois.dim(2) == 4, "a region must have 4 coordinates");
            for (int i = 1; i < 5; ++i)
                require(l.inputDesc(i).dims.d[0] == y.dim(0) && l.inputDesc(i).dims.d[1] == channels, "the inputs differ");
            parallelFor(y.dim(0) * y.dim(1), 1, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t r = begin; r < end; ++r) {
                    const Region region = regionOf(rois.data + r * 4);
                    const View<const E> map = l.input<E>(mapOf(region));
                    const std::int64_t plane = map.dim(2) * map.dim(3);
                    pool(map, map.data + r / y.dim(1) * channels * plane, region, y.data + r * size);
                }
            });
        });
    }

private:
    // Fractions of the image.
    struct Region {
        float y1, x1, y2, x2;
    };
    template <class E>
    Region regionOf(const E* p) const {
        const float a[] = {Compute<E>(p[0]), Compute<E>(p[1]), Compute<E>(p[2]), Compute<E>(p[3])};
        const int y = isYFirst ? 0 : 1, x = 1 - y;
        const auto fraction = [&](float v, std::size_t axis) {
            const float extent = isAbsolute ? static_cast<float>(imageSize[axis]) : 1.0F;
            return std::min(std::max(v, 0.0F), extent) / extent;
        };
        return {fraction(std::min(a[y], a[y + 2]), 0), fraction(std::min(a[x], a[x + 2]), 1),
                fraction(std::max(a[y], a[y + 2]), 0), fraction(std::max(a[x], a[x + 2]), 1)};
    }
    // Input 1 for the smallest regions; each further map begins with four times the area.
    int mapOf(const Region& r) const {
        const auto height = static_cast<float>(imageSize[0]), width = static_cast<float>(imageSize[1]);
        constexpr float kLegacyThreshold = 224 * 224 * 2.0F / (1024 * 1024) / 16;
        const float edge = isLegacy ? 0 : std::sqrt(static_cast<float>(scale) * static_cast<float>(scale) / (height * width));
        float threshold = isLegacy ? kLegacyThreshold : edge * edge / 4;
        const float more = isEndIncluded ? 1 : 0, area = (r.y2 - r.y1 + more / height) * (r.x2 - r.x1 + more / width);
        int map = 1;
        for (; map < 4 && area > threshold; ++map)
            threshold *= 4;
        return map;
    }

    // Bins of one axis of a map: where they start, how long they are, where and how many their samples are.
    struct Bins {
        double first, size, offset;
        std::int64_t samples, extent;
        double sample(std::int64_t bin, std::int64_t i) const {
            const double part = (static_cast<double>(i) + offset) / static_cast<double>(samples);
            return std::clamp(first + (static_cast<double>(bin) + part) * size, 0.0, static_cast<double>(extent - 1));
        }
    };
    Bins binsOf(double low, double high, std::int64_t extent) const {
        const auto pixels = static_cast<double>(transform < 0 ? extent - 1 : extent);
        const double shift = transform == 2 ? 0.5 : 0, length = (high - low) * pixels;
        const std::int64_t parts = transform < 0 ? pooled - 1 : pooled;
        const auto most = reference::toInteger<std::int64_t>(std::ceil(length / static_cast<double>(pooled)));
        return {low * pixels - shift, parts == 0 ? 0 : length / static_cast<double>(parts), transform < 1 ? 0 : 0.5,
                samplingRatio > 0 ? samplingRatio : std::max<std::int64_t>(most, 1), extent};
    }
    template <class E>
    void pool(const View<const E>& map, const E* image, const Region& region, E* y) const {
        const std::int64_t height = map.dim(2), width = map.dim(3), bins = pooled * pooled;
        const Bins rows = binsOf(region.y1, region.y2, height), columns = binsOf(region.x1, region.x2, width);
        const std::int64_t samples = rows.samples * columns.samples;
        for (std::int64_t c = 0; c < map.dim(1); ++c) {
            const E* plane = image + c * height * width;
            const auto value = [&](std::int64_t p) { return static_cast<double>(Compute<E>(plane[p])); };
            for (std::int64_t b = 0; b < bins; ++b) {
                double sum = 0;
                for (std::int64_t s = 0; height * width > 0 && s < samples; ++s)
                    sum += cornersAt(rows.sample(b / pooled, s / columns.samples),
                                     columns.sample(b % pooled, s % columns.samples), height, width)
                               .sum(value);
                y[c * bins + b] = reference::elementFrom<E>(sum / static_cast<double>(samples));
            }
        }
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(pyramid_roi_align, tenon::tensorrt::PyramidRoiAlign)
