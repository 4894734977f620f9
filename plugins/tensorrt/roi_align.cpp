// y = mean or maximum of bilinear samples in the bins of a grid on each region (He et al., Mask R-CNN, 2017; TensorRT's
// ROIAlign_TRT, which writes ONNX's modes as numbers).
#include "../reference/roi.h"

#include "bilinear.h"

namespace tenon::tensorrt {

struct RoiAlign {
    bool isHalfPixel = true, isMean = true;
    std::int64_t height = 1, width = 1, samplingRatio = 0;
    float spatialScale = 1.0F;
    static constexpr Identity identity = pluginIdentity("ROIAlign_TRT");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T, indexInts, T));
    static constexpr auto attributes() {
        using R = RoiAlign;
        return std::tuple{
            attr(1, "coordinate_transformation_mode", &R::isHalfPixel, "1: half_pixel, 0: output_half_pixel"),
            attr(2, "mode", &R::isMean, "1: mean, 0: maximum"),
            attr(3, "output_height", &R::height, "bins along the height").range(1, INT32_MAX),
            attr(4, "output_width", &R::width, "bins along the width").range(1, INT32_MAX),
            attr(5, "sampling_ratio", &R::samplingRatio, "samples along each axis of a bin; 0: as many as it has pixels")
                .range(0, 1 << 20),
            attr(6, "spatial_scale", &R::spatialScale, "from the regions' coordinates to those of the input")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = reference::inferRois(x[0], x[1], 4, height, width);
        require(x[2].rank() == 1 && agree(x[2][0], x[1][0]), "batch_indices must have one element for each region");
    }
    void run(const Launch& l) const {
        dispatch<indexInts>(l.inputType(2), [&]<class I>() {
            dispatch<halfOrFloat>(l.outputType(0),
                                  [&]<class E>() { pool<E>(l.input<E>(0), l.input<E>(1), l.input<I>(2), l.output<E>(0)); });
        });
    }

private:
    template <class E, class I>
    void pool(View<const E> x, View<const E> rois, View<const I> images, View<E> y) const {
        const std::int64_t channels = y.dim(1), area = x.dim(2) * x.dim(3);
        require(images.size() == y.dim(0) && rois.dim(1) == 4,
                "batch_indices must have one element for each region of 4 numbers");
        for (const I image : images)
            static_cast<void>(reference::imageOf(static_cast<double>(image), x.dim(0)));
        parallelFor(y.dim(0) * channels, 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const std::int64_t r = i / channels, plane = images[r] * channels + i % channels;
                const E* roi = rois.data + r * 4;  // x1, y1, x2, y2
                const Bins rows = binsOf(Compute<E>(roi[1]), Compute<E>(roi[3]), height, x.dim(2));
                const Bins columns = binsOf(Compute<E>(roi[0]), Compute<E>(roi[2]), width, x.dim(3));
                for (std::int64_t j = 0; j < height * width; ++j)
                    y[i * height * width + j] =
                        reference::elementFrom<E>(bin(x.data + plane * area, rows, j / width, columns, j % width));
            }
        });
    }

    // Bins of one axis of the plane: where they start, how long they are, how many samples each has.
    struct Bins {
        double first, size;
        std::int64_t samples, extent;
        double sample(std::int64_t bin, std::int64_t i) const {
            return first + (static_cast<double>(bin) + (static_cast<double>(i) + 0.5) / static_cast<double>(samples)) * size;
        }
        bool has(double at) const { return at >= -1 && at <= static_cast<double>(extent); }
        double inside(double at) const { return std::clamp(at, 0.0, static_cast<double>(extent - 1)); }
    };
    Bins binsOf(double low, double high, std::int64_t count, std::int64_t extent) const {
        const double offset = isHalfPixel ? 0.5 : 0.0, first = low * spatialScale - offset;
        double length = high * spatialScale - offset - first;
        if (!isHalfPixel) length = std::max(length, 1.0);
        const double size = length / static_cast<double>(count);
        constexpr double kMostSamples = 4096;  // along one axis, so that no region takes forever
        const auto samples =
            samplingRatio > 0 ? samplingRatio : reference::toInteger<std::int64_t>(std::min(std::ceil(size), kMostSamples));
        return {first, size, std::max<std::int64_t>(samples, 0), extent};
    }

    // The maximum is over the weighted pixels one by one, as ONNX has it.
    template <class E>
    double bin(const E* plane, const Bins& rows, std::int64_t i, const Bins& columns, std::int64_t j) const {
        double sum = 0, largest = -std::numeric_limits<double>::infinity();
        for (std::int64_t s = 0; s < rows.samples * columns.samples; ++s) {
            const double v = rows.sample(i, s / columns.samples), h = columns.sample(j, s % columns.samples);
            Corners c;
            if (rows.has(v) && columns.has(h) && rows.extent > 0 && columns.extent > 0)
                c = cornersAt(rows.inside(v), columns.inside(h), rows.extent, columns.extent);
            for (std::size_t k = 0; k < 4; ++k) {
                const double part = c.weight[k] == 0 ? 0 : c.weight[k] * static_cast<double>(Compute<E>(plane[c.pixel[k]]));
                sum += part;
                largest = std::max(largest, part);
            }
        }
        const std::int64_t count = rows.samples * columns.samples;
        if (count == 0) return 0;
        return isMean ? sum / static_cast<double>(count) : largest;
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(roi_align, tenon::tensorrt::RoiAlign, tenon::tensorrt::Version<tenon::tensorrt::RoiAlign, '2'>)
