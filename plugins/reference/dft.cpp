// y[k] = sum of x[n] exp(-2 pi i k n / N) along one axis, or the inverse with factor 1 / N; the last dimension is real and
// imaginary part (ONNX DFT opset 17 and later).
#include "axis_split.h"
#include "fourier.h"
#include "work.h"

namespace tenon::reference {
using namespace sdk;

struct Dft {
    std::optional<std::int64_t> axis;
    bool inverse = false, onesided = false;
    static constexpr Identity identity{.name = "DFT", .since = 17};
    static constexpr Slot T = var('T', floats), I = i32 | i64;
    static constexpr auto formats = rows(row(in(T, optional(I), optional(I)), out(T)));
    static constexpr std::uint64_t shapeInputs = bits(1, 2);
    static constexpr auto attributes() {
        return std::tuple{
            attr(1, "axis", &Dft::axis, "axis to transform, where it is no input; default: as the opset says"),
            attr(2, "inverse", &Dft::inverse, "whether to transform back"),
            attr(3, "onesided", &Dft::onesided, "whether the half of the spectrum that mirrors the other is left out")};
    }
    void check(const abi::LayerInfo& layer) {
        constexpr int kAxisInputSince = 20;
        if (!axis) axis = layer.opsetVersion > 0 && layer.opsetVersion < kAxisInputSince ? 1 : -2;
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank < 2) throw Error("the input must have rank 2 or more, found " + std::to_string(rank));
        const Dim& parts = x[0][rank - 1];
        if (parts.isConstant() && !parts.is(1) && !parts.is(2)) throw Error("the last dimension must be 1 or 2");
        if (onesided && parts.is(inverse ? 1 : 2))
            throw Error(inverse ? "a one-sided inverse needs complex input" : "a one-sided transform needs real input");
        y[0] = Shape::ofRank(rank);
        const int a = axisOf(x[0], x.has(2) ? x[2].integers().at(0) : *axis);
        for (int i = 0; i < rank; ++i)
            if (i != a) y[0][i] = x[0][i];
        y[0][rank - 1] = inverse && onesided ? 1 : 2;
        const Dim length = x.has(1) ? lengthOf(x[1]) : inverse && onesided ? (x[0][a] - 1) * 2 : x[0][a];
        if (length.isConstant() && length.value() < 1)
            throw Error("the length of the transform is " + std::to_string(length.value()));
        y[0][a] = onesided && !inverse ? floorDiv(length, 2) + 1 : length;
    }
    std::uint64_t workspace(const Layer& l) const {
        const abi::Dims& y = l.outputRange(0).max;
        return Fourier::bytes(2 * *std::max_element(y.d, y.d + y.rank));  // n / 2 + 1 outputs may be all there are
    }
    // As for a prime length; others need less.
    Cost cost(const Layer& l) const {
        const abi::Dims& y = l.outputRange(0).opt;
        return workOf(l, 4 * elements(l.outputRange(0)) * static_cast<double>(*std::max_element(y.d, y.d + y.rank)));
    }
    void run(const Launch& l) const {
        const int a = axisOf(Shape::ofRank(l.inputDesc(0).dims.rank), l.hasInput(2) ? l.integers(2).at(0) : *axis);
        dispatch<floats>(l.outputType(0), [&]<class E>() { transform(l, l.input<E>(0), l.output<E>(0), a); });
    }

private:
    static int axisOf(const Shape& x, std::int64_t given) {
        const int a = x.axis(given);
        if (a == x.rank() - 1) throw Error("the last axis holds real and imaginary parts and cannot be transformed");
        return a;
    }
    static Dim lengthOf(const Shape& input) {
        if (!input.content || input.content->size() != 1) throw Unresolved{};
        return input.content->front();
    }
    template <class E>
    void transform(const Launch& l, View<const E> x, View<E> y, int a) const {
        const AxisSplit from = splitAt(x.dims.first(x.dims.size() - 1), a), to = splitAt(y.dims.first(y.dims.size() - 1), a);
        const std::int64_t parts = x.dims.back(), outParts = y.dims.back();
        std::int64_t n = inverse ? to.extent : from.extent;
        if (l.hasInput(1)) n = l.integers(1).at(0);
        const Fourier fourier(n, inverse, l.workspace());
        for (std::int64_t line = 0; line < to.lines(); ++line) {
            const E* in = x.data + from.start(line) * parts;
            const auto at = [&](std::int64_t i) {
                const E* p = in + i * from.inner * parts;
                return Fourier::Complex(Compute<E>(p[0]), parts == 2 ? static_cast<double>(Compute<E>(p[1])) : 0.0);
            };
            for (std::int64_t i = 0; i < n; ++i) {
                const bool mirrors = inverse && onesided && i > n / 2;
                const std::int64_t source = mirrors ? n - i : i;
                const Fourier::Complex v = source < from.extent ? at(source) : 0.0;
                fourier.input()[i] = mirrors ? std::conj(v) : v;
            }
            const Fourier::Complex* out = fourier.transform();
            const double scale = inverse ? 1 / static_cast<double>(n) : 1.0;
            for (std::int64_t k = 0; k < to.extent; ++k) {
                E* p = y.data + (to.start(line) + k * to.inner) * outParts;
                p[0] = elementFrom<E>(out[k].real() * scale);
                if (outParts == 2) p[1] = elementFrom<E>(out[k].imag() * scale);
            }
        }
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(dft, tenon::reference::Dft)
