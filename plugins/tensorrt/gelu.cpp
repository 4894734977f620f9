// y = u / 2 * (1 + tanh(sqrt(2 / pi) * (u + 0.044715 * u^3))), u = x + bias (Hendrycks & Gimpel 2016; TensorRT's
// CustomGeluPluginDynamic).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct Gelu {
    std::int64_t typeId = 0;
    std::optional<Tensor> bias;
    static constexpr Identity identity = pluginIdentity("CustomGeluPluginDynamic");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T));
    static constexpr int alias = 0;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "type_id", &Gelu::typeId, "TensorRT's type, 0 float32, 1 float16; the input's type counts")
                              .required()
                              .range(0, 2),
                          attr(2, "bias", &Gelu::bias, "added to the input, one for each element of the last axis")};
    }
    void check(const abi::LayerInfo&) {
        if (bias) biases_ = weightsOf(*bias, "bias");
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        if (bias && (x[0].rank() < 1 || !agree(x[0][hiddenAxis(x[0].rank())], static_cast<std::int64_t>(biases_.size()))))
            throw Error("bias has " + std::to_string(biases_.size()) +
                        " elements, must have one for each element of the hidden axis");
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        const auto hidden = static_cast<std::int64_t>(biases_.size());
        const int axis = hiddenAxis(x.rank());
        require(!bias || (x.rank() > 0 && x.dim(axis) == hidden), "bias does not fit the input");
        std::int64_t inner = 1;
        for (int i = axis + 1; i < x.rank(); ++i)
            inner *= x.dim(i);
        parallelFor(y.size(), 4096, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                const float u = Compute<E>(x[i]) + (bias ? biases_[static_cast<std::size_t>(i / inner % hidden)] : 0.0F);
                y[i] = E(0.5F * u * (1.0F + std::tanh(kScale * (u + 0.044715F * u * u * u))));
            }
        });
    }

private:
    static constexpr float kScale = 0.797884560802865F;  // sqrt(2 / pi)
    // BERT's tensors are (S, B, E) or (S, B, E, 1, 1).
    static int hiddenAxis(int rank) { return rank == 5 ? 2 : std::max(rank - 1, 0); }
    std::vector<float> biases_;
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(gelu, tenon::tensorrt::Gelu)
