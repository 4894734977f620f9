// y = (x - mean) / sqrt(variance + epsilon) * scale + bias, channel by channel (ONNX BatchNormalization 9 and later, inference).
#include "kernel.h"
#include "layouts.h"

namespace tenon::onednn {
using namespace sdk;

struct BatchNormalization : Kernel {
    float epsilon = 1e-5F;
    float momentum = 0.9F;
    bool trainingMode = false;
    static constexpr Identity identity{.name = "BatchNormalization", .since = 9};
    static constexpr auto formats = inEachLayout(row(in(f32, f32, f32, f32, f32), out(f32)), 1);
    static constexpr auto attributes() {
        return std::tuple{attr(1, "epsilon", &BatchNormalization::epsilon, "added to the variance"),
                          attr(2, "momentum", &BatchNormalization::momentum, "of the running statistics; training only"),
                          attr(3, "training_mode", &BatchNormalization::trainingMode, "whether statistics are of this batch")};
    }

    void infer(Shapes x, Shapes y) const { y[0] = x[0].dims(); }
    void configure(const Layer& layer) {
        if (trainingMode) throw declined("training_mode is not inference");
        prepare(layer, [&](const Instance& at, Calls& calls) {
            const Tensor& x = at.input(0);
            if (x.rank() < 2) throw declined("needs rank 2 or more");
            for (int i = 1; i < 5; ++i)
                if (at.input(i).dims != memory::dims{x.dim(1)})
                    throw declined("input " + std::to_string(i) + " must have one element a channel");
            if (x.elements() == 0) return;
            makeCall(image(x), calls);
        });
    }

private:
    // oneDNN's kernels want two spatial dimensions.
    static Tensor image(const Tensor& x) { return {{x.dim(0), x.dim(1), 1, x.product(2, x.rank())}, x.type, x.layout}; }

    void makeCall(const Tensor& x, Calls& calls) const {
        using dnnl::normalization_flags;
        const auto flags =
            normalization_flags::use_global_stats | normalization_flags::use_scale | normalization_flags::use_shift;
        const memory::desc desc = descOf(x), perChannel = linearDesc({x.dim(1)}, memory::data_type::f32);
        const dnnl::batch_normalization_forward::desc operation(dnnl::prop_kind::forward_inference, desc, epsilon, flags);
        const dnnl::batch_normalization_forward::primitive_desc pd(operation, userScratchpad(), cpu());
        calls.add(pd, {{DNNL_ARG_SRC, desc, Place::input},
                       {DNNL_ARG_SCALE, perChannel, Place::input, 1},
                       {DNNL_ARG_SHIFT, perChannel, Place::input, 2},
                       {DNNL_ARG_MEAN, perChannel, Place::input, 3},
                       {DNNL_ARG_VARIANCE, perChannel, Place::input, 4},
                       {DNNL_ARG_DST, desc, Place::output}});
    }
};

}  // namespace tenon::onednn

TENON_OPERATORS(batch_normalization, tenon::onednn::BatchNormalization)
