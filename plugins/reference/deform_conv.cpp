// y[n, m, p] = bias[m] + sum over c, k of w[m, c, k] mask[n, k, p] x[n, c, position + offset[n, k, :, p]], x being interpolated
// linearly and 0 outside (Dai et al. 2017, Zhu et al. 2018; ONNX DeformConv opset 19 and later).
#include "convolution.h"
#include "work.h"

namespace tenon::reference {
using namespace sdk;

struct DeformConv : ConvolutionAttributes {
    std::int64_t offsetGroup = 1;
    static constexpr Identity identity{.name = "DeformConv", .since = 19};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(in(T, T, T, optional(T), optional(T)), out(T)));
    static constexpr auto attributes() {
        using D = DeformConv;
        return std::tuple{
            attr(1, "dilations", &D::dilations, "steps inside the window; default ones"),
            attr(2, "group", &D::group, "blocks of channels that do not mix").range(1, INT32_MAX),
            attr(3, "kernel_shape", &D::kernelShape, "extents of the window"),
            attr(4, "offset_group", &D::offsetGroup, "blocks of channels with offsets of their own").range(1, INT32_MAX),
            attr(5, "pads", &D::pads, "padding at all beginnings, then all ends; default zeros"),
            attr(6, "strides", &D::strides, "steps of the window; default ones")};
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = convolved(x[0], x[1]);
        if (x[0][1].isConstant() && x[0][1].value() % offsetGroup != 0)
            throw Error(std::to_string(x[0][1].value()) + " channels do not divide into " + std::to_string(offsetGroup) +
                        " groups of offsets");
        const int spatial = x[0].rank() - 2;
        const Dim elements = x[1].product(2, x[1].rank()) * offsetGroup;
        checkPositions(x[2], y[0], elements * spatial, "offset");
        if (x.has(3)) checkBias(x[3], x[1][0]);
        if (x.has(4)) checkPositions(x[4], y[0], elements, "mask");
    }
    Cost cost(const Layer& l) const {
        const double outputs = std::max(1.0, static_cast<double>(l.inputRange(1).opt.d[0]));
        return workOf(l, 8 * elements(l.outputRange(0)) * elements(l.inputRange(1)) / outputs);
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { convolve<E>(l); });
    }

private:
    static void checkPositions(const Shape& s, const Shape& y, const Dim& channels, const char* what) {
        Shape wanted = y;
        wanted[1] = channels;
        if (s.rank() != y.rank()) throw Error(std::string(what) + " must have the rank of the input");
        for (int i = 0; i < s.rank(); ++i)
            if (s[i].isConstant() && wanted[i].isConstant() && !s[i].same(wanted[i]))
                throw Error(std::string(what) + ": dimension " + std::to_string(i) + " is " + std::to_string(s[i].value()) +
                            ", must be " + std::to_string(wanted[i].value()));
    }
    template <class E>
    struct Call {
        const E *x, *w, *offset, *bias, *mask;
        E* y;
        Windows windows;
        ConvolutionSize size;
        std::int64_t batches, channels;  // of x
    };
    template <class E>
    void convolve(const Launch& l) const {
        const auto input = [&](int i) { return l.hasInput(i) ? l.input<E>(i).data : nullptr; };
        const Windows windows = windowsOf(l.inputDesc(0), l.inputDesc(1), l.outputDesc(0));
        const Call<E> c{input(0),
                        input(1),
                        input(2),
                        input(3),
                        input(4),
                        l.output<E>(0).data,
                        windows,
                        sizeOf(l.inputDesc(1), l.outputDesc(0), windows),
                        l.inputDesc(0).dims.d[0],
                        l.inputDesc(0).dims.d[1]};
        parallelFor(c.batches * c.size.positions, 1, [&](std::int64_t begin, std::int64_t end) {
            std::vector<double> samples(static_cast<std::size_t>(c.channels * c.size.window));
            for (std::int64_t i = begin; i < end; ++i) {
                sample(c, i / c.size.positions, i % c.size.positions, samples.data());
                multiply(c, i / c.size.positions, i % c.size.positions, samples.data());
            }
        });
    }
    // The elements of the window at one position, for all channels.
    template <class E>
    void sample(const Call<E>& c, std::int64_t batch, std::int64_t position, double* samples) const {
        const std::int64_t perGroup = c.channels / offsetGroup;
        for (std::int64_t g = 0; g < offsetGroup; ++g)
            for (std::int64_t k = 0; k < c.size.window; ++k) {
                const std::int64_t element = (batch * offsetGroup + g) * c.size.window + k;
                const auto at = locate(c, element, k, position);
                const double weight =
                    c.mask != nullptr ? static_cast<double>(Compute<E>(c.mask[element * c.size.positions + position])) : 1;
                for (std::int64_t channel = g * perGroup; channel < (g + 1) * perGroup; ++channel)
                    samples[channel * c.size.window + k] =
                        weight * interpolate(c.windows, at, c.x + (batch * c.channels + channel) * c.size.inputs, 0, 0);
            }
    }
    // Coordinates in x of element k of the window at a position. Far ones stay outside.
    template <class E>
    static std::array<double, kMaxSpatial> locate(const Call<E>& c, std::int64_t element, std::int64_t k, std::int64_t position) {
        constexpr double kFar = 0x1p50;
        std::array<double, kMaxSpatial> at{};
        std::int64_t rest = position;
        for (int d = c.windows.rank; d-- > 0;) {
            const WindowAxis& a = c.windows[d];
            const double shift = Compute<E>(c.offset[(element * c.windows.rank + d) * c.size.positions + position]);
            const double v = static_cast<double>(a.source(rest % a.out, k % a.kernel)) + shift;
            at[static_cast<std::size_t>(d)] = std::isnan(v) ? kFar : std::clamp(v, -kFar, kFar);
            rest /= a.out;
            k /= a.kernel;
        }
        return at;
    }
    template <class E>
    static double interpolate(const Windows& w, const std::array<double, kMaxSpatial>& at, const E* x, int axis,
                              std::int64_t offset) {
        if (axis == w.rank) return static_cast<double>(Compute<E>(x[offset]));
        const double v = at[static_cast<std::size_t>(axis)], low = std::floor(v), part = v - low;
        const auto first = static_cast<std::int64_t>(low);
        double sum = 0;
        for (std::int64_t i = 0; i < 2; ++i) {
            const double weight = i == 0 ? 1 - part : part;
            if (weight != 0 && first + i >= 0 && first + i < w[axis].in)
                sum += weight * interpolate(w, at, x, axis + 1, offset * w[axis].in + first + i);
        }
        return sum;
    }
    template <class E>
    void multiply(const Call<E>& c, std::int64_t batch, std::int64_t position, const double* samples) const {
        const std::int64_t depth = c.size.channels * c.size.window;
        for (std::int64_t m = 0; m < group * c.size.outputs; ++m) {
            double sum = c.bias != nullptr ? static_cast<double>(Compute<E>(c.bias[m])) : 0;
            const double* x = samples + m / c.size.outputs * depth;
            for (std::int64_t i = 0; i < depth; ++i)
                sum += x[i] * static_cast<double>(Compute<E>(c.w[m * depth + i]));
            c.y[(batch * group * c.size.outputs + m) * c.size.positions + position] = elementFrom<E>(sum);
        }
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(deform_conv, tenon::reference::DeformConv)
