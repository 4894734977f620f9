// y(k) = sum over t of x(t) exp(-2 pi i k t / n) for k <= n / 2 along the last axis of a real x, and the inverse, which divides
// by n (com.microsoft Rfft, Irfft). Complex numbers are pairs along an axis of their own, the last one.
#include "../reference/axis_split.h"
#include "../reference/fourier.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;
using reference::Fourier;

struct FourierAttributes {
    bool normalized = false, onesided = true;
    std::int64_t signalDims = 1;
    static constexpr auto attributes() {
        using A = FourierAttributes;
        return std::tuple{attr(1, "normalized", &A::normalized, "must be 0"), attr(2, "onesided", &A::onesided, "must be 1"),
                          attr(3, "signal_ndim", &A::signalDims, "axes of the transform: 1").range(1, 1)};
    }
    void check(const abi::LayerInfo&) const {
        if (normalized || !onesided) throw declined("only transforms that are one-sided and not normalized are available");
    }
};

struct Rfft : FourierAttributes {
    static constexpr Identity identity = contrib("Rfft");
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank < 1) throw Error("the input must have rank 1 or more");
        y[0] = x[0].dims();
        y[0][rank - 1] = floorDiv(x[0][rank - 1], 2) + 1;
        y[0].append(2);
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        const std::int64_t n = x.dims.back(), kept = n / 2 + 1;
        if (n == 0) return std::fill(y.begin(), y.end(), E(0.0F));
        std::vector<std::byte> memory(Fourier::bytes(n));
        const Fourier fourier(n, false, memory.data());
        for (std::int64_t line = 0; line < x.size() / n; ++line) {
            for (std::int64_t t = 0; t < n; ++t)
                fourier.input()[t] = static_cast<double>(Compute<E>(x[line * n + t]));
            const Fourier::Complex* result = fourier.transform();
            for (std::int64_t k = 0; k < kept; ++k) {
                y[(line * kept + k) * 2] = reference::elementFrom<E>(result[k].real());
                y[(line * kept + k) * 2 + 1] = reference::elementFrom<E>(result[k].imag());
            }
        }
    }
};

struct Irfft : FourierAttributes {
    static constexpr Identity identity = contrib("Irfft");
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank < 2 || (x[0][rank - 1].isConstant() && !x[0][rank - 1].is(2)))
            throw Error("the last dimension must be 2, for complex numbers");
        if (x[0][rank - 2].is(0)) throw Error("there are no frequencies");
        y[0] = Shape::ofRank(0);
        for (int d = 0; d + 2 < rank; ++d)
            y[0].append(x[0][d]);
        y[0].append((x[0][rank - 2] - 1) * 2);
    }
    template <class E>
    void run(View<const E> x, View<E> y) const {
        const std::int64_t n = y.dims.back(), kept = n / 2 + 1;
        if (y.size() == 0) return;
        std::vector<std::byte> memory(Fourier::bytes(n));
        const Fourier fourier(n, true, memory.data());
        for (std::int64_t line = 0; line < y.size() / n; ++line) {
            const auto number = [&](std::int64_t k) {
                const E* at = x.data + (line * kept + k) * 2;
                return Fourier::Complex(Compute<E>(at[0]), Compute<E>(at[1]));
            };
            for (std::int64_t k = 0; k < n; ++k)  // the spectrum of a real signal is conjugate-symmetric
                fourier.input()[k] = k < kept ? number(k) : std::conj(number(n - k));
            fourier.input()[0].imag(0.0);
            fourier.input()[n / 2].imag(0.0);
            const Fourier::Complex* result = fourier.transform();
            for (std::int64_t t = 0; t < n; ++t)
                y[line * n + t] = reference::elementFrom<E>(result[t].real() / static_cast<double>(n));
        }
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(rfft, tenon::microsoft::Irfft, tenon::microsoft::Rfft)
