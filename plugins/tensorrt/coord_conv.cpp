// y = x with two more channels, the row and the column of each pixel scaled to [-1, 1] (Liu et al., An Intriguing Failing of
// Convolutional Neural Networks, 2018; TensorRT's CoordConvAC).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct CoordConv {
    static constexpr Identity identity = pluginIdentity("CoordConvAC");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T));
    void infer(Shapes x, Shapes y) const {
        requireRank(x[0], 4, "the input");
        y[0] = {x[0][0], x[0][1] + 2, x[0][2], x[0][3]};
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        const std::int64_t height = x.dim(2), width = x.dim(3), area = height * width, image = x.dim(1) * area;
        for (std::int64_t n = 0; n < x.dim(0); ++n) {
            E* to = y.data + n * (image + 2 * area);
            to = std::copy_n(x.data + n * image, image, to);
            for (std::int64_t i = 0; i < area; ++i) {
                to[i] = E(coordinate(i / width, height));
                to[area + i] = E(coordinate(i % width, width));
            }
        }
    }

private:
    // A single row or column has no extent; it lies at -1, where the first one always does.
    static float coordinate(std::int64_t i, std::int64_t extent) {
        return extent < 2 ? -1.0F : -1.0F + static_cast<float>(i) * (2.0F / static_cast<float>(extent - 1));
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(coord_conv, tenon::tensorrt::CoordConv)
