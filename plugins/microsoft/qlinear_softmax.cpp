// y = quantized(softmax(x)) of 8-bit tensors: along one axis, or, as ONNX's opsets before 13 have it, along all axes from that
// one on (com.microsoft QLinearSoftmax).
#include "../reference/axis_split.h"
#include "affine.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

struct QLinearSoftmax {
    std::int64_t axis = -1, opset = 13;
    static constexpr Identity identity = contrib("QLinearSoftmax");
    static constexpr Slot T = var('T', codes), S = f32;
    static constexpr auto formats = rows(row(in(T, S, optional(T), S, T), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &QLinearSoftmax::axis, "axis of the lines"),
                          attr(2, "opset", &QLinearSoftmax::opset, "ONNX's version of Softmax that is meant").required()};
    }
    void infer(Shapes x, Shapes y) const {
        expectSingle(x, {1, 2, 3, 4});
        x[0].axis(axis);
        y[0] = x[0].dims();
    }
    void run(const Launch& l) const {
        dispatch<codes>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    template <class E>
    void runAs(const Launch& l) const {
        const auto x = l.input<E>(0);
        const auto y = l.output<E>(0);
        const Affine from = Affine::of(l, 1, 2), to = Affine::of(l, 3, 4);
        const reference::AxisSplit s = opset < 13 ? reference::splitAt(x.dims, axis, x.rank()) : reference::splitAt(x.dims, axis);
        reference::forLines(s, [&](std::int64_t at) {
            E top = x[at];
            for (std::int64_t i = 1; i < s.extent; ++i)
                top = std::max(top, x[at + i * s.inner]);
            const auto exponential = [&](E v) {
                return std::exp(static_cast<double>(from.scale) * (static_cast<double>(v) - static_cast<double>(top)));
            };
            double sum = 0;
            for (std::int64_t i = 0; i < s.extent; ++i)
                sum += exponential(x[at + i * s.inner]);
            for (std::int64_t i = 0; i < s.extent; ++i)
                y[at + i * s.inner] = to.code<E>(static_cast<float>(exponential(x[at + i * s.inner]) / sum));
        });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(qlinear_softmax, tenon::microsoft::QLinearSoftmax)
