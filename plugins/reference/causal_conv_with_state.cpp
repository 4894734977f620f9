// y[n, c, t] = bias[c] + sum over i of w[c, 0, i] z[n, c, t + i], z being the last k - 1 elements of the past followed by x; the
// last k - 1 of z are the next state (ONNX CausalConvWithState opset 27).
#include "attention_size.h"

namespace tenon::reference {
using namespace sdk;

struct CausalConvWithState {
    std::string activation = "none";
    static constexpr Identity identity{.name = "CausalConvWithState", .since = 27};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, T, optional(T), optional(T)), out(T, optional(T))));
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "activation", &CausalConvWithState::activation, "applied to the result").oneOf("none|silu|swish")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != 3 || x[1].rank() != 3) throw Error("the input and the weights must have rank 3");
        const Dim &channels = x[0][1], &kernel = x[1][2];
        matchDims(x[1][0], channels, "the number of kernels");
        matchDims(x[1][1], 1, "the second dimension of the weights");
        if (kernel.isConstant() && kernel.value() < 1) throw Error("a kernel must not be empty");
        if (x.has(2)) {
            if (x[2].rank() != 1) throw Error("the bias must have rank 1, found " + std::to_string(x[2].rank()));
            matchDims(x[2][0], channels, "the size of the bias");
        }
        const Shape state{x[0][0], channels, kernel - 1};
        if (x.has(3)) {
            if (x[3].rank() != 3) throw Error("the state must have rank 3, found " + std::to_string(x[3].rank()));
            for (int i = 0; i < 3; ++i)
                matchDims(x[3][i], state[i], "a dimension of the state");
        }
        y[0] = x[0].dims();
        if (y.count() > 1) y[1] = state;
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { convolve<E>(l); });
    }

private:
    template <class E>
    void convolve(const Launch& l) const {
        const View<const E> x = l.input<E>(0), w = l.input<E>(1);
        const E* bias = l.hasInput(2) ? l.input<E>(2).data : nullptr;
        const E* past = l.hasInput(3) ? l.input<E>(3).data : nullptr;
        E* y = l.output<E>(0).data;
        E* state = l.hasOutput(1) ? l.output<E>(1).data : nullptr;
        const std::int64_t channels = x.dim(1), length = x.dim(2), kernel = w.dim(2), kept = kernel - 1;
        parallelFor(x.dim(0) * channels, 1, [&](std::int64_t begin, std::int64_t end) {
            std::vector<double> z(static_cast<std::size_t>(kept + length));
            for (std::int64_t line = begin; line < end; ++line) {
                const std::int64_t channel = line % channels;
                for (std::int64_t i = 0; past != nullptr && i < kept; ++i)
                    z[static_cast<std::size_t>(i)] = Compute<E>(past[line * kept + i]);
                for (std::int64_t i = 0; i < length; ++i)
                    z[static_cast<std::size_t>(kept + i)] = Compute<E>(x[line * length + i]);
                for (std::int64_t t = 0; t < length; ++t) {
                    double sum = bias != nullptr ? static_cast<double>(Compute<E>(bias[channel])) : 0;
                    for (std::int64_t i = 0; i < kernel; ++i)
                        sum += z[static_cast<std::size_t>(t + i)] * Compute<E>(w[channel * kernel + i]);
                    y[line * length + t] = elementFrom<E>(activation == "none" ? sum : sum / (1 + std::exp(-sum)));
                }
                for (std::int64_t i = 0; state != nullptr && i < kept; ++i)
                    state[line * kept + i] = elementFrom<E>(z[static_cast<std::size_t>(length + i)]);
            }
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(causal_conv_with_state, tenon::reference::CausalConvWithState)
