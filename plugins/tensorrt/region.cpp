// YOLOv2's output layer: of each box the sigmoid of its centre and of its objectness, the softmax of its classes, its extents as
// they are (Redmon & Farhadi 2016; TensorRT's Region_TRT).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct Region {
    std::int64_t boxes = 5, coordinates = 4, classes = 80;
    static constexpr Identity identity = pluginIdentity("Region_TRT");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T));
    static constexpr int alias = 0;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "num", &Region::boxes, "boxes of a cell").required().range(1, INT32_MAX),
                          attr(2, "coords", &Region::coordinates, "coordinates of a box; always 4").required().range(4, 4),
                          attr(3, "classes", &Region::classes, "classes").required().range(1, INT32_MAX)};
    }
    void infer(Shapes x, Shapes y) const {
        requireRank(x[0], 4, "the input");
        y[0] = x[0].dims();
        require(agree(x[0][1], boxes * planes()), "the input must have num * (coords + 1 + classes) channels");
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        require(x.dim(1) == boxes * planes(), "the input must have num * (coords + 1 + classes) channels");
        const std::int64_t area = x.dim(2) * x.dim(3);
        parallelFor(x.dim(0) * boxes * area, 256, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                activate(x.data + i / area * planes() * area + i % area, y.data + i / area * planes() * area + i % area, area);
        });
    }

private:
    std::int64_t planes() const { return coordinates + 1 + classes; }
    // One box; its numbers are `area` apart.
    template <class E>
    void activate(const E* x, E* y, std::int64_t area) const {
        const auto sigmoid = [](float v) { return 1 / (1 + std::exp(-v)); };
        for (std::int64_t i = 0; i <= coordinates; ++i)
            y[i * area] = i == 2 || i == 3 ? x[i * area] : E(sigmoid(Compute<E>(x[i * area])));
        x += (coordinates + 1) * area;
        y += (coordinates + 1) * area;
        float most = -std::numeric_limits<float>::infinity();
        for (std::int64_t c = 0; c < classes; ++c)
            most = std::max<float>(most, Compute<E>(x[c * area]));
        double sum = 0;
        for (std::int64_t c = 0; c < classes; ++c)
            sum += std::exp(static_cast<double>(Compute<E>(x[c * area]) - most));
        for (std::int64_t c = 0; c < classes; ++c)
            y[c * area] = reference::elementFrom<E>(std::exp(static_cast<double>(Compute<E>(x[c * area]) - most)) / sum);
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(region, tenon::tensorrt::Region)
