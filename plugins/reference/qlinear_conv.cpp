// y = saturate(round(x_scale w_scale / y_scale (b + sum of (x - x_zero_point) (w - w_zero_point))) + y_zero_point), summed over
// window and channels (ONNX QLinearConv opset 10 and later).
#include "convolution.h"
#include "integer_product.h"

namespace tenon::reference {
using namespace sdk;

struct QLinearConv : ConvolutionAttributes {
    static constexpr Identity identity{.name = "QLinearConv", .since = 10};
    static constexpr Slot X = var('X', bytes8), W = var('W', bytes8), Y = var('Y', bytes8);
    static constexpr auto formats = rows(row(in(X, f32, X, W, f32, W, f32, Y, optional(i32)), out(Y)));
    static constexpr auto attributes() { return convolutionAttributes(); }
    void infer(Shapes x, Shapes y) const {
        y[0] = convolved(x[0], x[3]);
        const Dim& outputs = x[3][0];
        for (int i : {1, 2, 6, 7})
            checkPerLane(x[i], 1, 1, "the scale or zero point of x or y");
        checkPerLane(x[4], outputs, outputs, "w_scale");
        checkPerLane(x[5], outputs, outputs, "w_zero_point");
        if (x.has(8)) checkBias(x[8], outputs);
    }
    void run(const Launch& l) const {
        const Windows windows = windowsOf(l.inputDesc(0), l.inputDesc(3), l.outputDesc(0));
        const ConvolutionSize size = sizeOf(l.inputDesc(3), l.outputDesc(0), windows);
        dispatch<bytes8>(l.inputType(0), [&]<class A>() {
            dispatch<bytes8>(l.inputType(3), [&]<class B>() {
                dispatch<bytes8>(l.outputType(0), [&]<class E>() { convolveTyped<A, B, E>(l, windows, size); });
            });
        });
    }

private:
    template <class A, class B, class E>
    void convolveTyped(const Launch& l, const Windows& windows, const ConvolutionSize& size) const {
        const std::int64_t outputs = l.inputDesc(3).dims.d[0];
        const PerLane scaleW(l, 4, outputs), zeroW(l, 5, outputs);
        const double zeroX = ElementReader(l, 2)[0], zeroY = ElementReader(l, 7)[0];
        const float scaleX = *l.input<float>(1).data, scaleY = *l.input<float>(6).data;
        const std::int32_t* bias = l.hasInput(8) ? l.input<std::int32_t>(8).data : nullptr;
        E* y = l.output<E>(0).data;
        convolve<IntegerSum>(
            l.input<A>(0).data, l.input<B>(3).data, windows, size, [&](A v) { return centred(v, zeroX); },
            [&](std::int64_t m, B v) { return centred(v, zeroW.at(0, m)); },
            [&](std::int64_t batch, std::int64_t m, std::int64_t n, IntegerSum sum) {
                const std::int64_t channel = size.channel(batch, m);
                if (bias != nullptr) sum += static_cast<IntegerSum>(bias[channel]);
                const float scale = scaleX * static_cast<float>(scaleW.at(0, channel)) / scaleY;
                y[size.outputOffset(batch, m, n)] = requantized<E>(sum, scale, zeroY);
            });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(qlinear_conv, tenon::reference::QLinearConv)
