// y = sum over window and channels of (x - x_zero_point) (w - w_zero_point) as int32 (ONNX ConvInteger opset 10 and later).
#include "convolution.h"
#include "integer_product.h"

namespace tenon::reference {
using namespace sdk;

struct ConvInteger : ConvolutionAttributes {
    static constexpr Identity identity{.name = "ConvInteger", .since = 10};
    static constexpr Slot X = var('X', bytes8), W = var('W', bytes8);
    static constexpr auto formats = rows(row(in(X, W, optional(X), optional(W)), out(i32)));
    static constexpr auto attributes() { return convolutionAttributes(); }
    void infer(Shapes x, Shapes y) const {
        y[0] = convolved(x[0], x[1]);
        if (x.has(2)) checkPerLane(x[2], 1, 1, "x_zero_point");
        if (x.has(3)) checkPerLane(x[3], x[1][0], x[1][0], "w_zero_point");
    }
    void run(const Launch& l) const {
        const Windows windows = windowsOf(l.inputDesc(0), l.inputDesc(1), l.outputDesc(0));
        const ConvolutionSize size = sizeOf(l.inputDesc(1), l.outputDesc(0), windows);
        const double zeroX = ElementReader(l, 2)[0];
        const PerLane zeroW(l, 3, l.inputDesc(1).dims.d[0]);
        std::int32_t* y = l.output<std::int32_t>(0).data;
        dispatch<bytes8>(l.inputType(0), [&]<class A>() {
            dispatch<bytes8>(l.inputType(1), [&]<class B>() {
                convolve<IntegerSum>(
                    l.input<A>(0).data, l.input<B>(1).data, windows, size, [&](A v) { return centred(v, zeroX); },
                    [&](std::int64_t m, B v) { return centred(v, zeroW.at(0, m)); },
                    [&](std::int64_t batch, std::int64_t m, std::int64_t n, IntegerSum sum) {
                        y[size.outputOffset(batch, m, n)] = static_cast<std::int32_t>(sum);
                    });
            });
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(conv_integer, tenon::reference::ConvInteger)
