// y = min(max(x, clipMin), clipMax), and y = x for x >= 0, negSlope * x below (TensorRT's Clip_TRT and LReLU_TRT).
#include "trt_plugin.h"

namespace tenon::tensorrt {

// F gives the attributes, `kTypes`, and apply(x) of one element in the type it is computed in.
template <class F>
struct Activation : F {
    static constexpr Identity identity = pluginIdentity(F::kName);
    static constexpr Slot T = var('T', F::kTypes);
    static constexpr auto formats = rows(row(T, T).anyLayout());
    static constexpr int alias = 0;
    void infer(Shapes x, Shapes y) const { y[0] = x[0].dims(); }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        parallelFor(y.size(), 16384, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                y[i] = E(F::apply(Compute<E>(x[i])));
        });
    }
};

struct ClipTo {
    float low = 0, high = 0;
    static constexpr const char* kName = "Clip_TRT";
    static constexpr TypeSet kTypes = halfOrFloat | i32;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "clipMin", &ClipTo::low, "lower bound").required(),
                          attr(2, "clipMax", &ClipTo::high, "upper bound").required()};
    }
    template <class C>
    C apply(C x) const {
        const C least = reference::elementFrom<C>(low), most = reference::elementFrom<C>(high), raised = x < least ? least : x;
        return raised > most ? most : raised;
    }
};

struct LeakyRelu {
    float slope = 0;
    static constexpr const char* kName = "LReLU_TRT";
    static constexpr TypeSet kTypes = halfOrFloat;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "negSlope", &LeakyRelu::slope, "slope of the negative part").required()};
    }
    template <class C>
    C apply(C x) const {
        return x < 0 ? x * slope : x;
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(activation, tenon::tensorrt::Activation<tenon::tensorrt::ClipTo>,
                tenon::tensorrt::Activation<tenon::tensorrt::LeakyRelu>)
