// y[n, :, row, column] = features of the pillar at (row, column) of image n, 0 where there is none (Lang et al., PointPillars,
// 2019; TensorRT's PillarScatterPlugin). Of several pillars at one place the last one counts.
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct PillarScatter {
    std::vector<std::int64_t> shape;
    static constexpr Identity identity = pluginIdentity("PillarScatterPlugin");
    static constexpr Slot T = var('T', halfOrFloat), I = var('I', indexInts | u32);
    static constexpr auto formats = rows(row(T, I, I, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "dense_shape", &PillarScatter::shape, "height and width of the result").required()};
    }
    void check(const abi::LayerInfo&) {
        require(shape.size() == 2 && shape[0] > 0 && shape[1] > 0 && shape[0] <= INT32_MAX && shape[1] <= INT32_MAX,
                "attribute 'dense_shape' must be a height and a width");
    }
    void infer(Shapes x, Shapes y) const {
        requireRank(x[0], 3, "the features");
        requireRank(x[1], 3, "the coordinates");
        require(x[2].rank() >= 1 && agree(x[2].elements(), x[0][0]), "the number of pillars must be one for each image");
        require(agree(x[0][0], x[1][0]) && agree(x[0][1], x[1][1]) && agree(x[1][2], 4),
                "the coordinates do not fit the features");
        y[0] = {x[0][0], x[0][2], shape[0], shape[1]};
    }
    void run(const Launch& l) const {
        dispatch<indexInts | u32>(l.inputType(1), [&]<class N>() {
            dispatch<halfOrFloat>(l.inputType(0),
                                  [&]<class E>() { scatter(l.input<E>(0), l.input<N>(1), l.input<N>(2), l.output<E>(0)); });
        });
    }

private:
    // A coordinate is (frame, z, row, column).
    template <class E, class N>
    void scatter(View<const E> x, View<const N> coordinates, View<const N> counts, View<E> y) const {
        const std::int64_t pillars = x.dim(1), channels = x.dim(2), area = shape[0] * shape[1];
        require(counts.size() == x.dim(0) && coordinates.size() == x.dim(0) * pillars * 4, "the inputs differ in dimensions");
        std::fill(y.begin(), y.end(), E(0.0F));
        for (std::int64_t p = 0; p < x.dim(0) * pillars; ++p) {
            const std::int64_t n = p / pillars;
            if (p % pillars >= static_cast<std::int64_t>(counts[n])) continue;
            const auto i = static_cast<std::int64_t>(coordinates[p * 4 + 2]),
                       j = static_cast<std::int64_t>(coordinates[p * 4 + 3]);
            require(i >= 0 && i < shape[0] && j >= 0 && j < shape[1], "a pillar lies outside dense_shape");
            for (std::int64_t c = 0; c < channels; ++c)
                y[(n * channels + c) * area + i * shape[1] + j] = x[p * channels + c];
        }
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(pillar_scatter, tenon::tensorrt::PillarScatter)
