// y = activation(b + convolution of x with w + z), channels first or last; w always has dims (M, C / group, window...)
// (com.microsoft FusedConv, NhwcFusedConv, NhwcConv).
#include "../reference/convolution.h"
#include "../reference/strided_copy.h"
#include "channels_last.h"
#include "contrib.h"
#include "fused_activation.h"

namespace tenon::microsoft {
using namespace sdk;

// F states the name, whether channels come last, and whether there are an activation and z.
template <class F>
struct ConvolutionWith : reference::ConvolutionAttributes {
    std::string activation;
    std::vector<float> activationParams;
    static constexpr Identity identity = contrib(F::kName);
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = [] {
        if constexpr (F::kIsFused) return rows(row(in(T, T, optional(T), optional(T)), out(T)));
        else return rows(row(in(T, T, optional(T)), out(T)));
    }();
    static constexpr auto attributes() {
        using Op = ConvolutionWith;
        if constexpr (F::kIsFused)
            return std::tuple_cat(
                convolutionAttributes(),
                std::tuple{attr(7, "activation", &Op::activation, "what the result is put through"),
                           attr(8, "activation_params", &Op::activationParams, "parameters of the activation")});
        else return convolutionAttributes();
    }
    void check(const abi::LayerInfo&) const { fused(); }
    void infer(Shapes x, Shapes y) const {
        const Shape first = F::kIsLast && x[0].rank() > 1 ? channelsSecond(x[0]) : x[0].dims();
        const Shape found = convolved(first, x[1]);
        y[0] = F::kIsLast ? channelsLast(found) : found;
        if (x.has(2)) checkBias(x[2], x[1][0]);
        if (!x.has(3)) return;
        if (x[3].rank() != y[0].rank()) throw Error("z must have the rank of y");
        for (int d = 0; d < y[0].rank(); ++d)
            if (x[3][d].isConstant() && y[0][d].isConstant() && !x[3][d].same(y[0][d])) throw Error("z must have the dims of y");
    }
    void run(const Launch& l) const {
        dispatch<floats>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    FusedActivation fused() const { return {activation, {activationParams.begin(), activationParams.end()}}; }
    template <class E>
    void runAs(const Launch& l) const {
        using C = Compute<E>;
        const auto x = l.input<E>(0);
        const auto y = l.output<E>(0);
        const ChannelsFirst<E> first(x, F::kIsLast);
        const abi::TensorDesc w = l.inputDesc(1), to = F::kIsLast ? channelsSecond(l.outputDesc(0)) : l.outputDesc(0);
        const reference::Windows windows = WindowAttributes::windowsOf(first.dims(), dimsOf(to), dimsOf(w).subspan(2));
        const reference::ConvolutionSize size = sizeOf(w, to, windows);
        const E* bias = l.hasInput(2) ? l.input<E>(2).data : nullptr;
        const E* z = l.hasInput(3) ? l.input<E>(3).data : nullptr;
        const FusedActivation activate = fused();
        convolve<double>(
            first.data(), l.input<E>(1).data, windows, size, [](E v) { return C(v); }, [](std::int64_t, E v) { return C(v); },
            [&](std::int64_t batch, std::int64_t m, std::int64_t n, double sum) {
                const std::int64_t channel = size.channel(batch, m), channels = size.groups * size.outputs;
                const std::int64_t at =
                    F::kIsLast ? (batch / size.groups * size.positions + n) * channels + channel : size.outputOffset(batch, m, n);
                if (bias != nullptr) sum += C(bias[channel]);
                if (z != nullptr) sum += C(z[at]);
                y[at] = reference::elementFrom<E>(activate(sum));
            });
    }
};

struct FusedConvOf {
    static constexpr const char* kName = "FusedConv";
    static constexpr bool kIsLast = false, kIsFused = true;
};
struct NhwcFusedConvOf {
    static constexpr const char* kName = "NhwcFusedConv";
    static constexpr bool kIsLast = true, kIsFused = true;
};
struct NhwcConvOf {
    static constexpr const char* kName = "NhwcConv";
    static constexpr bool kIsLast = true, kIsFused = false;
};

}  // namespace tenon::microsoft

TENON_OPERATORS(fused_conv, tenon::microsoft::ConvolutionWith<tenon::microsoft::FusedConvOf>,
                tenon::microsoft::ConvolutionWith<tenon::microsoft::NhwcFusedConvOf>,
                tenon::microsoft::ConvolutionWith<tenon::microsoft::NhwcConvOf>)
