// Long short-term memory, c = f c + i g(...), h = o h(c), with peepholes (Gers and Schmidhuber 2000; ONNX LSTM opset 1 and
// later). Gates of W, R, B in the order i, o, f, c; of P in the order i, o, f.
#include "recurrent.h"

namespace tenon::reference {
using namespace sdk;

struct Lstm : RecurrentAttributes {
    bool inputForget = false;
    static constexpr Identity identity{.name = "LSTM", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, T, T, optional(T), optional(i32), optional(T), optional(T), optional(T)),
                                             out(optional(T), optional(T), optional(T))));
    static constexpr auto attributes() {
        return std::tuple_cat(recurrentAttributes(), std::tuple{attr(8, "input_forget", &Lstm::inputForget,
                                                                     "whether the forget gate is 1 - the input gate")});
    }
    void check(const abi::LayerInfo&) { findFunctions({"Sigmoid", "Tanh", "Tanh"}); }
    void infer(Shapes x, Shapes y) const {
        inferRecurrent(x, y, kGates, 2);
        expectDims(x, 7, "P", {directions(), x[2][2] * 3});
    }
    std::uint64_t workspace(const Layer& l) const { return stateBytes(l, 3); }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() {
            const RecurrentRun<E> r(l, *this, kGates);
            const E* peepholes = l.hasInput(7) ? l.input<E>(7).data : nullptr;
            r.run([&](int d) { r.loadState(6, d, kC); }, [&](int d, std::int64_t s) { step(r, d, s, peepholes); },
                  [&](int d) { r.storeState(2, d, kC); });
        });
    }

private:
    static constexpr int kGates = 4, kInput = 0, kOutput = 1, kForget = 2, kCell = 3;
    static constexpr int kC = 2;  // the state that holds c

    template <class E>
    void step(const RecurrentRun<E>& r, int d, std::int64_t s, const E* peepholes) const {
        const Activation &f = function(d, 0), &g = function(d, 1), &h = function(d, 2);
        r.forUnits(d, s, [&](std::int64_t b, std::int64_t j, const E* x) {
            const auto sum = [&](int gate) { return r.fromInput(d, gate, j, x) + r.fromState(d, gate, j, r.state(0, b)); };
            const auto peep = [&](int gate, double cell) {
                return peepholes == nullptr ? 0.0 : cell * Compute<E>(peepholes[(d * 3 + gate) * r.hidden() + j]);
            };
            double& c = r.state(kC, b)[j];
            const double i = f(clipped(sum(kInput) + peep(kInput, c)));
            const double forget = inputForget ? 1 - i : f(clipped(sum(kForget) + peep(kForget, c)));
            c = forget * c + i * g(clipped(sum(kCell)));
            const double o = f(clipped(sum(kOutput) + peep(kOutput, c)));
            r.state(1, b)[j] = o * h(clipped(c));
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(lstm, tenon::reference::Lstm)
