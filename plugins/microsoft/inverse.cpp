// y = inverse of each matrix, by Gauss-Jordan elimination with row pivots; of a singular one, infinities or NaN (com.microsoft
// Inverse).
#include "../reference/arithmetic.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

struct Inverse {
    static constexpr Identity identity = contrib("Inverse");
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank < 2) throw Error("needs matrices, found rank " + std::to_string(rank));
        const Dim &m = x[0][rank - 2], &n = x[0][rank - 1];
        if (m.isConstant() && n.isConstant() && !m.same(n))
            throw Error("matrices of " + std::to_string(m.value()) + " by " + std::to_string(n.value()) + " have no inverse");
        y[0] = x[0].dims();
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        const std::int64_t n = x.dims.back();
        std::vector<double> a(static_cast<std::size_t>(2 * n * n));
        for (std::int64_t at = 0; at < x.size(); at += n * n) {
            std::fill(a.begin(), a.end(), 0.0);
            for (std::int64_t i = 0; i < n; ++i) {
                for (std::int64_t j = 0; j < n; ++j)
                    a[static_cast<std::size_t>(i * 2 * n + j)] = Compute<E>(x[at + i * n + j]);
                a[static_cast<std::size_t>(i * 2 * n + n + i)] = 1.0;
            }
            eliminate(a.data(), n);
            for (std::int64_t i = 0; i < n * n; ++i)
                y[at + i] = reference::elementFrom<E>(a[static_cast<std::size_t>(i / n * 2 * n + n + i % n)]);
        }
    }

private:
    // Turns the rows (A | I) into (I | inverse of A).
    static void eliminate(double* a, std::int64_t n) {
        const std::int64_t width = 2 * n;
        for (std::int64_t k = 0; k < n; ++k) {
            std::int64_t pivot = k;
            for (std::int64_t i = k + 1; i < n; ++i)
                if (std::fabs(a[i * width + k]) > std::fabs(a[pivot * width + k])) pivot = i;
            if (pivot != k) std::swap_ranges(a + k * width, a + (k + 1) * width, a + pivot * width);
            const double divisor = a[k * width + k];
            for (std::int64_t j = k; j < width; ++j)
                a[k * width + j] /= divisor;
            for (std::int64_t i = 0; i < n; ++i) {
                const double factor = i == k ? 0.0 : a[i * width + k];
                if (factor == 0.0) continue;
                for (std::int64_t j = k; j < width; ++j)
                    a[i * width + j] -= factor * a[k * width + j];
            }
        }
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(inverse, tenon::microsoft::Inverse)
