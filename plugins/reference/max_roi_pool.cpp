// y = maxima over the bins of a grid on each region (Girshick, Fast R-CNN, 2015; ONNX MaxRoiPool opset 1 and later).
#include "roi.h"
#include "work.h"

namespace tenon::reference {
using namespace sdk;

struct MaxRoiPool {
    std::vector<std::int64_t> pooledShape;
    float spatialScale = 1.0F;
    static constexpr Identity identity{.name = "MaxRoiPool", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "pooled_shape", &MaxRoiPool::pooledShape, "bins along height and width").required(),
                          attr(2, "spatial_scale", &MaxRoiPool::spatialScale, "from the regions' coordinates to those of x")};
    }
    void check(const abi::LayerInfo&) {
        if (pooledShape.size() != 2 || std::ranges::any_of(pooledShape, [](auto e) { return e < 1 || e > INT32_MAX; }))
            throw Error("attribute 'pooled_shape' must be two positive extents");
    }
    void infer(Shapes x, Shapes y) const { y[0] = inferRois(x[0], x[1], 5, pooledShape[0], pooledShape[1]); }
    // At most: every bin is the whole image.
    Cost cost(const Layer& l) const {
        const abi::Dims& x = l.inputRange(0).opt;
        return workOf(l, elements(l.outputRange(0)) * static_cast<double>(x.d[2]) * static_cast<double>(x.d[3]));
    }
    template <class E>
    void run(View<const E> x, View<const E> rois, View<E> y) const {
        const std::int64_t channels = y.dim(1), bins = y.dim(2) * y.dim(3), area = x.dim(2) * x.dim(3);
        for (std::int64_t r = 0; r < y.dim(0); ++r) {
            const E* roi = rois.data + r * 5;
            const std::int64_t image = imageOf(Compute<E>(roi[0]), x.dim(0));
            for (std::int64_t c = 0; c < channels; ++c) {
                const Plane<E> plane{x.data + (image * channels + c) * area, x.dim(2), x.dim(3)};
                pool(plane, roi + 1, y.data + (r * channels + c) * bins);
            }
        }
    }

private:
    // First and one past the last index of bin b of `bins` over [first, last], clipped to [0, extent).
    struct Bins {
        double first, size;
        std::int64_t extent;
        std::int64_t begin(std::int64_t b) const { return clip(std::floor(static_cast<double>(b) * size) + first); }
        std::int64_t end(std::int64_t b) const { return clip(std::ceil(static_cast<double>(b + 1) * size) + first); }
        std::int64_t clip(double v) const { return toInteger<std::int64_t>(std::clamp(v, 0.0, static_cast<double>(extent))); }
    };
    Bins binsOf(double low, double high, std::int64_t count, std::int64_t extent) const {
        const double first = std::round(low * spatialScale), last = std::round(high * spatialScale);
        return {first, std::max(last - first + 1, 1.0) / static_cast<double>(count), extent};
    }
    // roi: x1, y1, x2, y2. A bin without elements gives 0.
    template <class E>
    void pool(const Plane<E>& plane, const E* roi, E* y) const {
        using C = Compute<E>;
        const Bins rows = binsOf(C(roi[1]), C(roi[3]), pooledShape[0], plane.height);
        const Bins columns = binsOf(C(roi[0]), C(roi[2]), pooledShape[1], plane.width);
        for (std::int64_t i = 0; i < pooledShape[0]; ++i)
            for (std::int64_t j = 0; j < pooledShape[1]; ++j, ++y) {
                bool isEmpty = true;
                double top = 0;
                for (std::int64_t h = rows.begin(i); h < rows.end(i); ++h)
                    for (std::int64_t w = columns.begin(j); w < columns.end(j); ++w) {
                        top = isEmpty ? plane.at(h, w) : larger(top, plane.at(h, w));
                        isEmpty = false;
                    }
                *y = elementFrom<E>(top);
            }
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(max_roi_pool, tenon::reference::MaxRoiPool)
