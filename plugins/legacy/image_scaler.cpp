// y[n, c, ...] = scale * x[n, c, ...] + bias[c] (experimental ONNX ImageScaler: opset 1, removed in opset 10).
#include <axis_split.h>

namespace tenon::legacy {
using namespace sdk;

struct ImageScaler {
    float scale = 1.0F;
    std::vector<float> bias;
    static constexpr Identity identity{.name = "ImageScaler", .implementation = "reference"};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    static constexpr int alias = 0;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "bias", &ImageScaler::bias, "summand of each channel; default: 0"),
                          attr(2, "scale", &ImageScaler::scale, "factor")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() < 2) throw Error("the input has no channels");
        if (!bias.empty() && x[0][1].isConstant() && !x[0][1].is(static_cast<std::int64_t>(bias.size())))
            throw Error(std::to_string(bias.size()) + " biases for " + std::to_string(x[0][1].value()) + " channels");
        y[0] = x[0].dims();
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        if (!bias.empty() && x.dim(1) != static_cast<std::int64_t>(bias.size()))
            throw Error("one bias for each channel is needed");
        const reference::AxisSplit s = reference::splitAt(x.dims, 1);
        for (std::int64_t plane = 0; plane < s.outer * s.extent; ++plane) {
            const Compute<E> summand = bias.empty() ? 0.0F : bias[static_cast<std::size_t>(plane % s.extent)];
            for (std::int64_t i = plane * s.inner; i < (plane + 1) * s.inner; ++i)
                y[i] = E(Compute<E>(scale) * Compute<E>(x[i]) + summand);
        }
    }
};

}  // namespace tenon::legacy

TENON_OPERATORS(image_scaler, tenon::legacy::ImageScaler)
