// y = b + sum over window and channels of x w, with groups, strides, dilations and padding (ONNX Conv opset 1 and later).
#include "convolution.h"

namespace tenon::reference {
using namespace sdk;

struct Conv : ConvolutionAttributes {
    static constexpr Identity identity{.name = "Conv", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, T, optional(T)), out(T)));
    static constexpr auto attributes() { return convolutionAttributes(); }
    void infer(Shapes x, Shapes y) const {
        y[0] = convolved(x[0], x[1]);
        if (x.has(2)) checkBias(x[2], x[1][0]);
    }
    void run(const Launch& l) const {
        const Windows windows = windowsOf(l.inputDesc(0), l.inputDesc(1), l.outputDesc(0));
        const ConvolutionSize size = sizeOf(l.inputDesc(1), l.outputDesc(0), windows);
        dispatch<floats>(l.outputType(0), [&]<class E>() {
            using C = Compute<E>;
            const E* bias = l.hasInput(2) ? l.input<E>(2).data : nullptr;
            E* y = l.output<E>(0).data;
            convolve<double>(
                l.input<E>(0).data, l.input<E>(1).data, windows, size, [](E v) { return C(v); },
                [](std::int64_t, E v) { return C(v); },
                [&](std::int64_t batch, std::int64_t m, std::int64_t n, double sum) {
                    if (bias != nullptr) sum += C(bias[size.channel(batch, m)]);
                    y[size.outputOffset(batch, m, n)] = elementFrom<E>(sum);
                });
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(conv, tenon::reference::Conv)
