// y = mean or maximum of bilinear samples in the bins of a grid on each region (He et al., Mask R-CNN, 2017; ONNX RoiAlign opset
// 10 and later).
#include "roi.h"
#include "work.h"

namespace tenon::reference {
using namespace sdk;

struct RoiAlign {
    std::optional<std::string> transformation;
    std::string mode = "avg";
    std::int64_t height = 1, width = 1, samplingRatio = 0;
    float spatialScale = 1.0F;
    static constexpr Identity identity{.name = "RoiAlign", .since = 10};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, i64, T));
    static constexpr auto attributes() {
        using R = RoiAlign;
        return std::tuple{
            attr(1, "coordinate_transformation_mode", &R::transformation,
                 "half_pixel or output_half_pixel; default: as the opset says"),
            attr(2, "mode", &R::mode, "what becomes of a bin's samples").oneOf("avg|max"),
            attr(3, "output_height", &R::height, "bins along the height").range(1, INT32_MAX),
            attr(4, "output_width", &R::width, "bins along the width").range(1, INT32_MAX),
            attr(5, "sampling_ratio", &R::samplingRatio, "samples along each axis of a bin; 0: as many as it has pixels")
                .range(0, 1 << 20),
            attr(6, "spatial_scale", &R::spatialScale, "from the regions' coordinates to those of x")};
    }
    void check(const abi::LayerInfo& layer) {
        constexpr int kHalfPixelSince = 16;  // before it there was no such attribute
        if (!transformation)
            transformation = layer.opsetVersion > 0 && layer.opsetVersion < kHalfPixelSince ? "output_half_pixel" : "half_pixel";
        if (!isChoice("half_pixel|output_half_pixel", *transformation))
            throw Error("attribute 'coordinate_transformation_mode' is \"" + *transformation +
                        "\", must be half_pixel or output_half_pixel");
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = inferRois(x[0], x[1], 4, height, width);
        if (x[2].rank() != 1 || (x[2][0].isConstant() && x[1][0].isConstant() && !x[2][0].same(x[1][0])))
            throw Error("batch_indices must have one element for each region");
    }
    Cost cost(const Layer& l) const {
        const abi::Dims& x = l.inputRange(0).opt;
        const double area = static_cast<double>(x.d[2]) * static_cast<double>(x.d[3]);
        const double samples = samplingRatio > 0 ? static_cast<double>(samplingRatio) * static_cast<double>(samplingRatio) : area;
        return workOf(l, elements(l.outputRange(0)) * samples);
    }
    void run(const Launch& l) const {
        const View<const std::int64_t> images = l.input<std::int64_t>(2);
        dispatch<floats>(l.outputType(0), [&]<class E>() {
            const View<const E> x = l.input<E>(0), rois = l.input<E>(1);
            const View<E> y = l.output<E>(0);
            const std::int64_t channels = y.dim(1), area = x.dim(2) * x.dim(3);
            for (std::int64_t r = 0; r < y.dim(0); ++r)
                static_cast<void>(imageOf(static_cast<double>(images[r]), x.dim(0)));
            parallelFor(y.dim(0) * channels, 1, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i) {
                    const std::int64_t r = i / channels, plane = images[r] * channels + i % channels;
                    pool(Plane<E>{x.data + plane * area, x.dim(2), x.dim(3)}, rois.data + r * 4, y.data + i * height * width);
                }
            });
        });
    }

private:
    // Bins of one axis: where they start, how long they are, how many samples they have.
    struct Bins {
        double first, size;
        std::int64_t samples;
        double sample(std::int64_t bin, std::int64_t i) const {
            return first + (static_cast<double>(bin) + (static_cast<double>(i) + 0.5) / static_cast<double>(samples)) * size;
        }
    };
    Bins binsOf(double low, double high, std::int64_t count) const {
        const bool isHalfPixel = *transformation == "half_pixel";
        const double offset = isHalfPixel ? 0.5 : 0.0, first = low * spatialScale - offset;
        double extent = high * spatialScale - offset - first;
        if (!isHalfPixel) extent = std::max(extent, 1.0);
        const double size = extent / static_cast<double>(count);
        constexpr double kMostSamples = 4096;  // along one axis, so that no region takes forever
        const auto samples = samplingRatio > 0 ? samplingRatio : toInteger<std::int64_t>(std::min(std::ceil(size), kMostSamples));
        return {first, size, std::max<std::int64_t>(samples, 0)};
    }
    // roi: x1, y1, x2, y2.
    template <class E>
    void pool(const Plane<E>& plane, const E* roi, E* y) const {
        using C = Compute<E>;
        const Bins rows = binsOf(C(roi[1]), C(roi[3]), height), columns = binsOf(C(roi[0]), C(roi[2]), width);
        for (std::int64_t i = 0; i < height; ++i)
            for (std::int64_t j = 0; j < width; ++j)
                *y++ = elementFrom<E>(bin(plane, rows, i, columns, j));
    }
    template <class E>
    double bin(const Plane<E>& plane, const Bins& rows, std::int64_t i, const Bins& columns, std::int64_t j) const {
        const bool isMax = mode == "max";
        double result = isMax ? -std::numeric_limits<double>::infinity() : 0.0;
        for (std::int64_t u = 0; u < rows.samples; ++u)
            for (std::int64_t v = 0; v < columns.samples; ++v) {
                const Sample s = sampleAt(plane, rows.sample(i, u), columns.sample(j, v));
                result = isMax ? std::max(result, s.largest) : result + s.sum;
            }
        const std::int64_t count = rows.samples * columns.samples;
        if (count == 0) return 0;
        return isMax ? result : result / static_cast<double>(count);
    }

    // Bilinear interpolation: the four weighted neighbours, added up for the mean; ONNX's maximum is over them one by one.
    struct Sample {
        double sum, largest;
    };
    struct Neighbours {
        std::int64_t low, high;
        double weight;  // of high
    };
    static Neighbours neighboursOf(double at, std::int64_t extent) {
        const double v = std::max(at, 0.0);
        const auto low = std::min(toInteger<std::int64_t>(v), extent - 1), high = std::min(low + 1, extent - 1);
        return {low, high, low == extent - 1 ? 0.0 : v - static_cast<double>(low)};
    }
    template <class E>
    static Sample sampleAt(const Plane<E>& plane, double y, double x) {
        const bool isInside =
            y >= -1 && y <= static_cast<double>(plane.height) && x >= -1 && x <= static_cast<double>(plane.width);
        if (!isInside || plane.height == 0 || plane.width == 0) return {0, 0};
        const Neighbours v = neighboursOf(y, plane.height), h = neighboursOf(x, plane.width);
        const double a = (1 - v.weight) * (1 - h.weight) * plane.at(v.low, h.low);
        const double b = (1 - v.weight) * h.weight * plane.at(v.low, h.high);
        const double c = v.weight * (1 - h.weight) * plane.at(v.high, h.low), d = v.weight * h.weight * plane.at(v.high, h.high);
        return {a + b + c + d, std::max({a, b, c, d})};
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(roi_align, tenon::reference::RoiAlign)
