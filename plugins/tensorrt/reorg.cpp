// y of dimensions (N, C * s * s, H / s, W / s): the pixels of each block of s x s go to s * s different places, in the order of
// YOLOv2's reorganization layer (Redmon & Farhadi 2016; TensorRT's Reorg_TRT).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct Reorg {
    std::int64_t stride = 1;
    static constexpr Identity identity = pluginIdentity("Reorg_TRT");
    static constexpr Slot T = var('T', halfOrFloat | i32);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "stride", &Reorg::stride, "edge s of a block").required().range(1, 1 << 15)};
    }
    void infer(Shapes x, Shapes y) const {
        requireRank(x[0], 4, "the input");
        y[0] = {x[0][0], x[0][1] * (stride * stride), floorDiv(x[0][2], stride), floorDiv(x[0][3], stride)};
        require(divides(stride * stride, x[0][1]), "the channels do not divide by the square of stride");
        require(divides(stride, x[0][2]) && divides(stride, x[0][3]), "height and width do not divide by stride");
    }
    // The input is read as C / s^2 images of (H * s) rows and (W * s) columns; y's k-th plane of (H, W), k = offset * (C / s^2) +
    // image, has the pixels that lie at `offset` in their blocks.
    void run(const Launch& l) const {
        const abi::Dims& dims = l.inputDesc(0).dims;
        const std::int64_t batch = dims.d[0], channels = dims.d[1], height = dims.d[2], width = dims.d[3];
        const std::int64_t images = channels / (stride * stride), area = height * width;
        require(images * stride * stride == channels && height % stride == 0 && width % stride == 0,
                "the channels do not divide by the square of stride, or height or width by stride");
        dispatchSize(l.inputType(0), [&]<class E>() {
            const auto* x = static_cast<const E*>(l.inputData(0));
            auto* y = static_cast<E*>(l.outputData(0));
            for (std::int64_t k = 0; k < batch * channels; ++k) {
                const std::int64_t offset = k % channels / images, image = k / channels * images + k % channels % images;
                const E* from = x + image * area * stride * stride + offset / stride * width * stride + offset % stride;
                for (std::int64_t i = 0; i < area; ++i)
                    y[k * area + i] = from[(i / width * width * stride + i % width) * stride];
            }
        });
    }

private:
    static bool divides(std::int64_t divisor, const Dim& d) { return !d.isConstant() || d.value() % divisor == 0; }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(reorg, tenon::tensorrt::Reorg, tenon::tensorrt::Version<tenon::tensorrt::Reorg, '2'>)
