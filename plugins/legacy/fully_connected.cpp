// y = X * W^T + b, where X and W are x and w seen as matrices whose rows are the dims before an axis (experimental ONNX FC: opset
// 1, removed in opset 2).
#include <tenon/sdk/sdk.h>

namespace tenon::legacy {
using namespace sdk;

struct FullyConnected {
    std::int64_t axis = 1, weightAxis = 1;
    static constexpr Identity identity{.name = "FC", .implementation = "reference"};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T, T, T));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "axis", &FullyConnected::axis, "first dim of x that is summed over"),
                          attr(2, "axis_w", &FullyConnected::weightAxis, "first dim of w that is summed over")};
    }
    void infer(Shapes x, Shapes y) const {
        const int rows = x[0].axis(axis), units = x[1].axis(weightAxis);
        const Dim inner = x[0].product(rows, x[0].rank()), weights = x[1].product(units, x[1].rank());
        if (inner.isConstant() && weights.isConstant() && !inner.same(weights))
            throw Error("x has " + std::to_string(inner.value()) + " columns, w has " + std::to_string(weights.value()));
        const Dim count = x[1].product(0, units);
        if (x[2].rank() != 1 || (x[2][0].isConstant() && count.isConstant() && !x[2][0].same(count)))
            throw Error("b must have one number for each row of w");
        y[0] = Shape::ofRank(0);
        for (int d = 0; d < rows; ++d)
            y[0].append(x[0][d]);
        y[0].append(count);
    }
    template <class E>
    void run(View<const E> x, View<const E> w, View<const E> b, View<E> y) const {
        using Sum = std::conditional_t<sizeof(E) >= 4, double, float>;
        const std::int64_t units = b.size(), rows = units == 0 ? 0 : y.size() / units, inner = units == 0 ? 0 : w.size() / units;
        if (x.size() != rows * inner) throw Error("x and w are of different sizes");
        parallelFor(y.size(), std::max<std::int64_t>(1, 65536 / std::max<std::int64_t>(inner, 1)),
                    [&](std::int64_t begin, std::int64_t end) {
                        for (std::int64_t i = begin; i < end; ++i) {
                            const E *p = x.data + i / units * inner, *q = w.data + i % units * inner;
                            auto sum = static_cast<Sum>(Compute<E>(b[i % units]));
                            for (std::int64_t k = 0; k < inner; ++k)
                                sum += static_cast<Sum>(Compute<E>(p[k])) * static_cast<Sum>(Compute<E>(q[k]));
                            y[i] = E(static_cast<Compute<E>>(sum));
                        }
                    });
    }
};

}  // namespace tenon::legacy

TENON_OPERATORS(fully_connected, tenon::legacy::FullyConnected)
