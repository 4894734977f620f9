// The discrete Fourier transform of one line of numbers, of any length, by mixed-radix decimation in time (Cooley and Tukey
// 1965).
#pragma once

#include "arithmetic.h"

namespace tenon::reference {

class Fourier {
public:
    using Complex = std::complex<double>;
    // Bytes of memory that a transform of length n works in.
    static std::uint64_t bytes(std::int64_t n) { return static_cast<std::uint64_t>(n) * 4 * sizeof(Complex); }

    Fourier(std::int64_t n, bool isInverse, void* memory) : n_(n), roots_(static_cast<Complex*>(memory)) {
        for (std::int64_t i = 0; i < n; ++i) {
            const double angle = (isInverse ? 2 : -2) * 3.14159265358979323846 * static_cast<double>(i) / static_cast<double>(n);
            roots_[i] = {std::cos(angle), std::sin(angle)};
        }
    }
    // The n numbers to transform; transform() leaves them as they are.
    Complex* input() const { return roots_ + n_; }
    // Their transform, not scaled.
    const Complex* transform() const {
        if (n_ > 0) split(input(), 1, roots_ + 2 * n_, n_);
        return roots_ + 2 * n_;
    }

private:
    static std::int64_t smallestFactor(std::int64_t n) {
        for (std::int64_t p = 2; p * p <= n; ++p)
            if (n % p == 0) return p;
        return n;
    }
    // y = transform of the n numbers x[0], x[step], ...
    void split(const Complex* x, std::int64_t step, Complex* y, std::int64_t n) const {
        if (n == 1) {
            *y = *x;
            return;
        }
        const std::int64_t p = smallestFactor(n), m = n / p;
        for (std::int64_t q = 0; q < p; ++q)
            split(x + q * step, step * p, y + q * m, m);
        Complex* part = roots_ + 3 * n_;
        for (std::int64_t k = 0; k < m; ++k) {
            for (std::int64_t q = 0; q < p; ++q)
                part[q] = y[q * m + k];
            for (std::int64_t r = 0; r < p; ++r) {
                const std::int64_t index = (k + r * m) * step;  // of the root that q steps once
                double re = 0, im = 0;
                for (std::int64_t q = 0, at = 0; q < p; ++q, at = (at + index) % n_) {
                    const Complex w = roots_[at];
                    re += part[q].real() * w.real() - part[q].imag() * w.imag();
                    im += part[q].real() * w.imag() + part[q].imag() * w.real();
                }
                y[k + r * m] = {re, im};
            }
        }
    }
    std::int64_t n_;
    Complex* roots_;  // then the input, the output, and one part of each of p transforms
};

}  // namespace tenon::reference
