// y[n, b, c] = box b of image n, sampled bilinearly at the points of a grid from edge to edge; 0 where a point is outside the
// image (TensorRT's CropAndResize and CropAndResizeDynamic, TensorFlow's crop_and_resize).
#include "bilinear.h"

namespace tenon::tensorrt {

struct CropAndResize {
    std::int64_t height = 0, width = 0;
    static constexpr Identity identity = pluginIdentity("CropAndResizeDynamic");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "crop_height", &CropAndResize::height, "rows of a crop").required().range(1, INT32_MAX),
                          attr(2, "crop_width", &CropAndResize::width, "columns of a crop").required().range(1, INT32_MAX)};
    }
    void infer(Shapes x, Shapes y) const {
        requireRank(x[0], 4, "the feature maps");
        requireRank(x[1], 4, "the boxes");
        require(agree(x[0][0], x[1][0]), "feature maps and boxes differ in batch");
        require(agree(x[1][2], 4) && agree(x[1][3], 1), "the boxes must be of dimensions (batch, boxes, 4, 1)");
        y[0] = {x[0][0], x[1][1], x[0][1], height, width};
    }
    template <class E>
    void run(View<const E> x, View<const E> boxes, View<E> y) const {
        const std::int64_t channels = x.dim(1), rows = x.dim(2), columns = x.dim(3), area = height * width;
        require(boxes.dim(0) == x.dim(0) && boxes.dim(2) == 4 && boxes.dim(3) == 1, "the boxes do not fit the feature maps");
        parallelFor(y.dim(0) * y.dim(1), 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t b = begin; b < end; ++b) {
                const E* box = boxes.data + b * 4;  // y1, x1, y2, x2
                const E* image = x.data + b / y.dim(1) * channels * rows * columns;
                for (std::int64_t j = 0; j < area; ++j) {
                    const double v = pointOf(Compute<E>(box[0]), Compute<E>(box[2]), j / width, height, rows);
                    const double h = pointOf(Compute<E>(box[1]), Compute<E>(box[3]), j % width, width, columns);
                    const bool isInside =
                        v >= 0 && v <= static_cast<double>(rows - 1) && h >= 0 && h <= static_cast<double>(columns - 1);
                    const Corners c = isInside ? cornersAt(v, h, rows, columns) : Corners{};
                    for (std::int64_t k = 0; k < channels; ++k)
                        y[(b * channels + k) * area + j] = reference::elementFrom<E>(c.sum(
                            [&](std::int64_t p) { return static_cast<double>(Compute<E>(image[k * rows * columns + p])); }));
                }
            }
        });
    }

private:
    // Point i of `count` between the edges, which are fractions of the extent; a single point is in the middle.
    static double pointOf(double low, double high, std::int64_t i, std::int64_t count, std::int64_t extent) {
        const auto last = static_cast<double>(extent - 1);
        if (count < 2) return (low + high) / 2 * last;
        return low * last + static_cast<double>(i) * ((high - low) * last / static_cast<double>(count - 1));
    }
};

struct CropAndResizeStatic : CropAndResize {
    static constexpr Identity identity = pluginIdentity("CropAndResize");
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(crop_and_resize, tenon::tensorrt::CropAndResize, tenon::tensorrt::CropAndResizeStatic)
