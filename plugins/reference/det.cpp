// y = determinant of each matrix, by elimination with row pivots (ONNX Det opset 11 and later).
#include "arithmetic.h"
#include "work.h"

namespace tenon::reference {
using namespace sdk;

struct Det {
    static constexpr Identity identity{.name = "Det", .since = 11};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank < 2) throw Error("needs matrices, found rank " + std::to_string(rank));
        const Dim &m = x[0][rank - 2], &n = x[0][rank - 1];
        if (m.isConstant() && n.isConstant() && !m.same(n))
            throw Error("matrices of " + std::to_string(m.value()) + " by " + std::to_string(n.value()) + " have no determinant");
        y[0] = Shape::ofRank(rank - 2);
        for (int i = 0; i < rank - 2; ++i)
            y[0][i] = x[0][i];
    }
    std::uint64_t workspace(const Layer& l) const {
        const abi::Dims& x = l.inputRange(0).max;
        return static_cast<std::uint64_t>(x.d[x.rank - 1] * x.d[x.rank - 1]) * sizeof(double);
    }
    Cost cost(const Layer& l) const {
        const abi::Dims& x = l.inputRange(0).opt;
        return workOf(l, elements(l.inputRange(0)) * static_cast<double>(x.d[x.rank - 1]) * 2 / 3);
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() {
            const View<const E> x = l.input<E>(0);
            const View<E> y = l.output<E>(0);
            const std::int64_t n = x.dim(x.rank() - 1);
            auto* a = static_cast<double*>(l.workspace());
            for (std::int64_t i = 0; i < y.size(); ++i) {
                for (std::int64_t k = 0; k < n * n; ++k)
                    a[k] = Compute<E>(x[i * n * n + k]);
                y[i] = elementFrom<E>(determinant(a, n));
            }
        });
    }

private:
    static double determinant(double* a, std::int64_t n) {
        double product = 1;
        for (std::int64_t k = 0; k < n; ++k) {
            std::int64_t pivot = k;
            for (std::int64_t i = k + 1; i < n; ++i)
                if (std::fabs(a[i * n + k]) > std::fabs(a[pivot * n + k])) pivot = i;
            if (a[pivot * n + k] == 0) return 0;
            if (pivot != k) {
                std::swap_ranges(a + k * n, a + (k + 1) * n, a + pivot * n);
                product = -product;
            }
            product *= a[k * n + k];
            for (std::int64_t i = k + 1; i < n; ++i) {
                const double factor = a[i * n + k] / a[k * n + k];
                for (std::int64_t j = k; j < n; ++j)
                    a[i * n + j] -= factor * a[k * n + j];
            }
        }
        return product;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(det, tenon::reference::Det)
