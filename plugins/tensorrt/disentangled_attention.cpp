// y[b, i, j] = (x0[b, i, j] + x1[b, i, k] + x2[b, j, k]) * factor, k = span + bucket(i - j): content to content, content to
// position and position to content (He et al., DeBERTa, 2020, with the logarithmic buckets of version 2; TensorRT's
// DisentangledAttention_TRT).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct DisentangledAttention {
    std::int64_t span = 1;
    float factor = 1;
    static constexpr Identity identity = pluginIdentity("DisentangledAttention_TRT");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T, T, T));
    static constexpr auto attributes() {
        using A = DisentangledAttention;
        return std::tuple{
            attr(1, "span", &A::span, "relative distance; there are 2 * span positions").required().range(1, 1 << 30),
            attr(2, "factor", &A::factor, "1 / sqrt(3 * size of a head)").required()};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        for (int i = 0; i < 3; ++i) {
            requireRank(x[i], 3, "an input");
            require(agree(x[i][0], x[0][0]) && agree(x[i][1], x[0][1]), "the inputs differ in batch or length");
        }
        require(agree(x[0][1], x[0][2]), "the first input must be square");
        require(agree(x[1][2], 2 * span) && agree(x[2][2], 2 * span), "the second and third input must have 2 * span columns");
    }
    template <class E>
    void run(View<const E> x0, View<const E> x1, View<const E> x2, View<E> y) const {
        const std::int64_t n = x0.dim(1), columns = 2 * span;
        require(x0.dim(2) == n && x1.size() == x0.dim(0) * n * columns && x2.size() == x1.size(),
                "the inputs differ in dimensions");
        parallelFor(x0.dim(0) * n, 8, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t r = begin; r < end; ++r)
                for (std::int64_t j = 0; j < n; ++j) {
                    const std::int64_t k = position(r % n - j);
                    const std::int64_t other = r / n * n + j;
                    y[r * n + j] =
                        E((Compute<E>(x0[r * n + j]) + Compute<E>(x1[r * columns + k]) + Compute<E>(x2[other * columns + k])) *
                          factor);
                }
        });
    }

private:
    // Distances up to span / 2 each have their own position; farther ones share, up to 2 * span - 1, by their logarithm. In
    // float32 and slightly shortened, as the plugin has it, so that whole numbers are not rounded up.
    std::int64_t position(std::int64_t distance) const {
        const std::int64_t middle = span / 2, magnitude = std::abs(distance);
        std::int64_t bucket = magnitude;
        if (magnitude > middle) {
            const float low = std::log(static_cast<float>(middle)), high = std::log(static_cast<float>(2 * span - 1));
            const float perOctave = static_cast<float>(middle - 1) / (high - low) * (1 - 1e-7F);
            const float steps = std::ceil((std::log(static_cast<float>(magnitude)) - low) * perOctave);
            bucket = middle + std::clamp(reference::toInteger<std::int64_t>(steps), -4 * span, 4 * span);
        }
        return std::clamp<std::int64_t>(span + (distance < 0 ? -bucket : bucket), 0, 2 * span - 1);
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(disentangled_attention, tenon::tensorrt::DisentangledAttention,
                tenon::tensorrt::Version<tenon::tensorrt::DisentangledAttention, '2'>)
