// y[b, f] = discrete Fourier transform of frame f of signal b, times a window (ONNX STFT opset 17 and later).
#include "fourier.h"
#include "work.h"

namespace tenon::reference {
using namespace sdk;

struct Stft {
    bool onesided = true;
    static constexpr Identity identity{.name = "STFT", .since = 17};
    static constexpr Slot T = var('T', floats), I = i32 | i64;
    static constexpr auto formats = rows(row(in(T, I, optional(T), optional(I)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1, 3);
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "onesided", &Stft::onesided, "whether the half of the spectrum that mirrors the other is left out")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != 3) throw Error("the signal must have rank 3, found " + std::to_string(x[0].rank()));
        if (x[0][2].isConstant() && !x[0][2].is(1) && !x[0][2].is(2))
            throw Error("the last dimension of the signal must be 1 or 2, found " + std::to_string(x[0][2].value()));
        if (onesided && x[0][2].is(2)) throw Error("a one-sided transform needs a real signal");
        y[0] = Shape{x[0][0], Dim::unknown(), Dim::unknown(), 2};
        const Dim length = x.has(3) ? Dim(x[3].integers().at(0)) : x.has(2) ? x[2].elements() : x[0][1];
        if (length.isConstant() && length.value() < 1) throw Error("frame_length is " + std::to_string(length.value()));
        if (x.has(2) && x[2].elements().isConstant() && length.isConstant() && !length.same(x[2].elements()))
            throw Error("the window has " + std::to_string(x[2].elements().value()) + " elements, frames have " +
                        std::to_string(length.value()));
        y[0][2] = onesided ? floorDiv(length, 2) + 1 : length;
        const std::int64_t step = x[1].integers().at(0);
        if (step < 1) throw Error("frame_step is " + std::to_string(step));
        if (length.isConstant() && x[0][1].isConstant() && x[0][1].value() < length.value())
            throw Error("frames of " + std::to_string(length.value()) + " do not fit a signal of " +
                        std::to_string(x[0][1].value()));
        y[0][1] = floorDiv(x[0][1] - length, step) + 1;
    }
    std::uint64_t workspace(const Layer& l) const { return Fourier::bytes(2 * l.outputRange(0).max.d[2]); }
    // As for frames of a prime length; others need less.
    Cost cost(const Layer& l) const {
        const abi::Dims& y = l.outputRange(0).opt;
        return workOf(l, 8 * elements(l.outputRange(0)) * static_cast<double>(y.d[2]));
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.outputType(0), [&]<class E>() { transform(l, l.input<E>(0), l.output<E>(0)); });
    }

private:
    template <class E>
    void transform(const Launch& l, View<const E> x, View<E> y) const {
        const std::int64_t step = l.integers(1).at(0), parts = x.dim(2), frames = y.dim(1), bins = y.dim(2);
        const E* window = l.hasInput(2) ? l.input<E>(2).data : nullptr;
        const std::int64_t n = l.hasInput(3) ? l.integers(3).at(0) : window != nullptr ? l.input<E>(2).size() : x.dim(1);
        const Fourier fourier(n, false, l.workspace());
        for (std::int64_t f = 0; f < x.dim(0) * frames; ++f) {
            const E* frame = x.data + (f / frames * x.dim(1) + f % frames * step) * parts;
            for (std::int64_t i = 0; i < n; ++i) {
                const double scale = window == nullptr ? 1.0 : static_cast<double>(Compute<E>(window[i]));
                const double imaginary = parts == 2 ? static_cast<double>(Compute<E>(frame[i * 2 + 1])) : 0.0;
                fourier.input()[i] = {scale * Compute<E>(frame[i * parts]), scale * imaginary};
            }
            const Fourier::Complex* out = fourier.transform();
            for (std::int64_t k = 0; k < bins; ++k) {
                y[(f * bins + k) * 2] = elementFrom<E>(out[k].real());
                y[(f * bins + k) * 2 + 1] = elementFrom<E>(out[k].imag());
            }
        }
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(stft, tenon::reference::Stft)
