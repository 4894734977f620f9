// y(i, j) = x(i, j) where j - i >= k (upper) or j - i <= k (lower), else 0, for each matrix (com.microsoft Trilu).
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

struct Trilu {
    bool upper = true;
    static constexpr Identity identity = contrib("Trilu");
    static constexpr Slot T = var('T', fixedSize);
    static constexpr auto formats = rows(row(in(T, optional(Slot(i64))), out(T)));
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
        const std::int64_t k = l.hasInput(1) ? std::clamp(l.input<std::int64_t>(1)[0], -rows - 1, columns + 1) : 0;
        dispatchSize(l.inputType(0), [&]<class E>() {
            const auto x = l.input<E>(0);
            const auto y = l.output<E>(0);
            for (std::int64_t i = 0; i < y.size(); ++i) {
                const std::int64_t diagonal = i % columns - i / columns % rows;
                y[i] = (upper ? diagonal >= k : diagonal <= k) ? x[i] : E{};
            }
        });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(trilu, tenon::microsoft::Trilu)
