// y[n, b, :] = x[n, b, :] W (TensorRT's CustomFCPluginDynamic).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct FullyConnected {
    std::int64_t typeId = 0, outputs = 0;
    Tensor weights;
    static constexpr Identity identity = pluginIdentity("CustomFCPluginDynamic");
    static constexpr Slot T = var('T', halfOrFloat);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        using F = FullyConnected;
        return std::tuple{attr(1, "out_dims", &F::outputs, "columns of W").required().range(1, INT32_MAX),
                          attr(2, "type_id", &F::typeId, "TensorRT's type, 0 float32, 1 float16; the input's type counts")
                              .required()
                              .range(0, 2),
                          attr(3, "W", &F::weights, "a row for each number of the hidden axis").required()};
    }
    void check(const abi::LayerInfo&) {
        matrix_ = weightsOf(weights, "W");
        require(!matrix_.empty() && static_cast<std::int64_t>(matrix_.size()) % outputs == 0, "'W' must have 'out_dims' columns");
    }
    // (N, B, K, 1, 1), or without the ones.
    void infer(Shapes x, Shapes y) const {
        y[0] = x[0].dims();
        require(x[0].rank() == 5 || x[0].rank() == 3, "the input must be (N, B, K, 1, 1)");
        y[0][2] = outputs;
        require(agree(x[0][2], terms()), "'W' must have one row for each number of the hidden axis");
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        require(x.size() == x.dim(0) * x.dim(1) * terms(), "'W' must have one row for each number of the hidden axis");
        parallelFor(y.size(), 64, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i) {
                double sum = 0;
                for (std::int64_t k = 0; k < terms(); ++k)
                    sum += static_cast<double>(Compute<E>(x[i / outputs * terms() + k])) *
                           matrix_[static_cast<std::size_t>(k * outputs + i % outputs)];
                y[i] = reference::elementFrom<E>(sum);
            }
        });
    }

private:
    std::int64_t terms() const { return static_cast<std::int64_t>(matrix_.size()) / outputs; }
    std::vector<float> matrix_;
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(fully_connected, tenon::tensorrt::FullyConnected)
