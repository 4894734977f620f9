// c = quantized(a op b) of 8-bit tensors with numpy's broadcasting (com.microsoft QLinearAdd, QLinearMul).
#include "affine.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

template <class F>
struct QLinearBinary {
    static constexpr Identity identity = contrib(F::kName);
    static constexpr Slot T = var('T', codes), S = f32, Z = optional(T);
    static constexpr auto formats = rows(row(in(T, S, Z, T, S, Z, S, Z), out(T)));
    void infer(Shapes x, Shapes y) const {
        expectSingle(x, {1, 2, 4, 5, 6, 7});
        y[0] = broadcast(x[0], x[3]);
    }
    void run(const Launch& l) const {
        dispatch<codes>(l.inputType(0), [&]<class E>() {
            const Affine a = Affine::of(l, 1, 2), b = Affine::of(l, 4, 5), c = Affine::of(l, 6, 7);
            reference::broadcastApply(l.input<E>(0), l.input<E>(3), l.output<E>(0),
                                      [=](E u, E v) { return c.codeOfExact<E>(F::apply(a.exactNumber(u), b.exactNumber(v))); });
        });
    }
};

struct AddOf {
    static constexpr const char* kName = "QLinearAdd";
    static double apply(double a, double b) { return a + b; }
};
struct MulOf {
    static constexpr const char* kName = "QLinearMul";
    static double apply(double a, double b) { return a * b; }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(qlinear_binary, tenon::microsoft::QLinearBinary<tenon::microsoft::AddOf>,
                tenon::microsoft::QLinearBinary<tenon::microsoft::MulOf>)
