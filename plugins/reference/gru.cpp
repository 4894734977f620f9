// Gated recurrent unit, h = (1 - z) g(...) + z h (Cho et al. 2014; ONNX GRU opset 3 and later). Gates of W, R, B in the order z,
// r, h.
#include "recurrent.h"

namespace tenon::reference {
using namespace sdk;

struct Gru : RecurrentAttributes {
    bool linearBeforeReset = false;
    static constexpr Identity identity{.name = "GRU", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats =
        rows(row(in(T, T, T, optional(T), optional(i32), optional(T)), out(optional(T), optional(T))));
    static constexpr auto attributes() {
        return std::tuple_cat(recurrentAttributes(), std::tuple{attr(8, "linear_before_reset", &Gru::linearBeforeReset,
                                                                     "whether R multiplies h before the reset gate does")});
    }
    void check(const abi::LayerInfo&) { findFunctions({"Sigmoid", "Tanh"}); }
    void infer(Shapes x, Shapes y) const { inferRecurrent(x, y, kGates, 1); }
    std::uint64_t workspace(const Layer& l) const { return stateBytes(l, 3); }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() {
            const RecurrentRun<E> r(l, *this, kGates);
            const auto nothing = [](int) {};
            r.run(
                nothing, [&](int d, std::int64_t s) { step(r, d, s); }, nothing);
        });
    }

private:
    static constexpr int kGates = 3, kZ = 0, kR = 1, kH = 2;

    // State 2 is the reset gate, or h after it, of every unit.
    template <class E>
    void step(const RecurrentRun<E>& r, int d, std::int64_t s) const {
        const Activation &f = function(d, 0), &g = function(d, 1);
        const auto gate = [&](int which, std::int64_t b, std::int64_t j, const E* x) {
            return f(clipped(r.fromInput(d, which, j, x) + r.fromState(d, which, j, r.state(0, b))));
        };
        r.forUnits(d, s, [&](std::int64_t b, std::int64_t j, const E* x) {
            r.state(2, b)[j] = gate(kR, b, j, x) * (linearBeforeReset ? 1.0 : r.state(0, b)[j]);
        });
        r.forUnits(d, s, [&](std::int64_t b, std::int64_t j, const E* x) {
            const double *h = r.state(0, b), *reset = r.state(2, b);
            const double z = gate(kZ, b, j, x);
            const double back = linearBeforeReset ? reset[j] * r.fromState(d, kH, j, h) : r.fromState(d, kH, j, reset);
            r.state(1, b)[j] = (1 - z) * g(clipped(r.fromInput(d, kH, j, x) + back)) + z * h[j];
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(gru, tenon::reference::Gru)
