// y = the upper or the lower triangle of each matrix of x, zeros elsewhere (ONNX Trilu opset 14 and later).
#include <tenon/sdk/sdk.h>

namespace tenon::reference {
using namespace sdk;

struct Trilu {
    bool upper = true;
    static constexpr Identity identity{.name = "Trilu", .since = 14};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, optional(i64)), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "upper", &Trilu::upper, "whether the upper triangle is kept, or else the lower one")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() < 2) throw Error("the input must have rank 2 or more, it has rank " + std::to_string(x[0].rank()));
        if (x.has(1) && x[1].elements().isConstant() && !x[1].elements().is(1)) throw Error("k must be one number");
        y[0] = x[0].dims();
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const std::int64_t rows = dims[dims.size() - 2], columns = dims.back();
        if (elementCount(l.inputDesc(0).dims) == 0) return;
        const std::int64_t k = l.hasInput(1) ? std::clamp(l.input<std::int64_t>(1)[0], -rows - 1, columns + 1) : 0;
        dispatchSize(l.inputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            E* y = l.output<E>(0).data;
            parallelFor(l.output<E>(0).size() / columns, std::max<std::int64_t>(1, 16384 / columns), [&](auto begin, auto end) {
                for (std::int64_t r = begin; r < end; ++r) {
                    const std::int64_t edge = std::clamp<std::int64_t>(r % rows + k + (upper ? 0 : 1), 0, columns);
                    const std::int64_t from = upper ? edge : 0, to = upper ? columns : edge;
                    E* row = y + r * columns;
                    std::fill_n(row, from, E{});
                    std::copy(x + r * columns + from, x + r * columns + to, row + from);
                    std::fill(row + to, row + columns, E{});
                }
            });
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(trilu, tenon::reference::Trilu)
