// y[..., i, j] = x[..., floor(i / scale), floor(j / scale)] (TensorRT's ResizeNearest_TRT).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct ResizeNearest {
    float scale = 1;
    static constexpr Identity identity = pluginIdentity("ResizeNearest_TRT");
    static constexpr Slot T = var('T', halfOrFloat | i32);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "scale", &ResizeNearest::scale, "of height and width").required().range(1e-6, 1e6)};
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        require(rank == 3 || rank == 4, "the input must have rank 3 or 4");
        y[0] = x[0].dims();
        for (const int axis : {rank - 2, rank - 1})
            y[0][axis] = x[0][axis].isConstant() ? scaled(x[0][axis].value()) : scaled(x[0][axis]);
    }
    void run(const Launch& l) const {
        const abi::Dims &in = l.inputDesc(0).dims, &out = l.outputDesc(0).dims;
        const int r = in.rank;
        const std::int64_t height = out.d[r - 2], width = out.d[r - 1], columns = in.d[r - 1], area = in.d[r - 2] * columns;
        const std::int64_t planes = in.d[0] * (r == 4 ? in.d[1] : 1);
        dispatchSize(l.inputType(0), [&]<class E>() {
            const auto* x = static_cast<const E*>(l.inputData(0));
            auto* y = static_cast<E*>(l.outputData(0));
            parallelFor(planes * height, 64, [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t i = begin; i < end; ++i) {
                    const E* from = x + i / height * area + source(i % height, in.d[r - 2]) * columns;
                    for (std::int64_t j = 0; j < width; ++j)
                        y[i * width + j] = from[source(j, columns)];
                }
            });
        });
    }

private:
    std::int64_t scaled(std::int64_t extent) const {
        return reference::toInteger<std::int64_t>(static_cast<double>(static_cast<float>(extent) * scale));
    }
    // Only whole scales, and halves and so on, can be told of an extent that is not known yet.
    Dim scaled(const Dim& extent) const {
        if (scale >= 1 && scale == std::floor(scale)) return extent * static_cast<std::int64_t>(scale);
        const float divisor = 1 / scale;
        if (divisor == std::floor(divisor) && divisor * scale == 1) return floorDiv(extent, static_cast<std::int64_t>(divisor));
        return Dim::unknown();
    }
    std::int64_t source(std::int64_t i, std::int64_t extent) const {
        const float at = std::floor(static_cast<float>(i) / scale);
        return std::min(reference::toInteger<std::int64_t>(at), extent - 1);
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(resize_nearest, tenon::tensorrt::ResizeNearest)
