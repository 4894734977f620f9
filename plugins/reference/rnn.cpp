// h = f(x W' + W's bias + h R' + R's bias), step by step (ONNX RNN opset 1 and later, output_sequence apart).
#include "recurrent.h"

namespace tenon::reference {
using namespace sdk;

struct Rnn : RecurrentAttributes {
    static constexpr Identity identity{.name = "RNN", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats =
        rows(row(in(T, T, T, optional(T), optional(i32), optional(T)), out(optional(T), optional(T))));
    static constexpr auto attributes() { return recurrentAttributes(); }
    void check(const abi::LayerInfo&) { findFunctions({"Tanh"}); }
    void infer(Shapes x, Shapes y) const { inferRecurrent(x, y, 1, 1); }
    std::uint64_t workspace(const Layer& l) const { return stateBytes(l, 2); }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() {
            const RecurrentRun<E> r(l, *this, 1);
            const auto nothing = [](int) {};
            r.run(
                nothing,
                [&](int d, std::int64_t s) {
                    r.forUnits(d, s, [&](std::int64_t b, std::int64_t j, const E* x) {
                        r.state(1, b)[j] = function(d, 0)(clipped(r.fromInput(d, 0, j, x) + r.fromState(d, 0, j, r.state(0, b))));
                    });
                },
                nothing);
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(rnn, tenon::reference::Rnn)
