// Pooling: one window over each channel by itself, in any number of spatial dimensions.
#pragma once

#include "window.h"
#include "work.h"

namespace tenon::reference {

using Coordinates = std::array<std::int64_t, kMaxSpatial>;

// Calls body(offset in the channel) for every element of the window at `o` that lies on the input, in row-major order.
template <class F>
void forWindow(const Windows& w, const Coordinates& o, F&& body) {
    Coordinates first, end, step, k;
    std::int64_t elements = 1;
    for (int d = w.rank; d-- > 0; elements *= w[d].in) {
        const auto i = static_cast<std::size_t>(d);
        first[i] = k[i] = w[d].firstInside(o[i]);
        end[i] = w[d].endInside(o[i]);
        step[i] = elements;
        if (end[i] <= first[i]) return;
    }
    const auto last = static_cast<std::size_t>(w.rank - 1);
    const std::int64_t begin = w.axis[last].source(o[last], first[last]), stop = w.axis[last].source(o[last], end[last]);
    for (;;) {
        std::int64_t row = 0;
        for (std::size_t d = 0; d < last; ++d)
            row += w.axis[d].source(o[d], k[d]) * step[d];
        for (std::int64_t i = begin; i < stop; i += w.axis[last].dilation)
            body(row + i);
        std::size_t d = last;
        while (d > 0 && ++k[d - 1] == end[d - 1]) {
            --d;
            k[d] = first[d];
        }
        if (d == 0) return;
    }
}

// Coordinates of output i.
inline Coordinates outputAt(const Windows& w, std::int64_t i) {
    Coordinates o{};
    for (int d = w.rank; d-- > 0; i /= w[d].out)
        o[static_cast<std::size_t>(d)] = i % w[d].out;
    return o;
}

// The attributes of all pooling, and its shape rule.
struct Pooling : WindowAttributes {
    static constexpr auto poolingAttributes() {
        return std::tuple_cat(windowAttributes(),
                              std::tuple{sdk::attr(6, "ceil_mode", &Pooling::ceilMode, "whether a last, partial window counts")});
    }
    void check(const abi::LayerInfo&) const {
        if (kernelShape.empty()) throw sdk::Error("attribute 'kernel_shape' is required and missing");
    }
    sdk::Cost cost(const sdk::Layer& l) const {
        double window = 1;
        for (const std::int64_t extent : kernelShape)
            window *= static_cast<double>(extent);
        return workOf(l, elements(l.outputRange(0)) * window);
    }
    sdk::Shape pooled(const sdk::Shape& x) const {
        return slide(x, x.rank() > 1 ? x[1] : 1, {kernelShape.begin(), kernelShape.end()});
    }

    // Calls body(channel, windows, coordinates of the output, its index in the channel) for every output, on the host's threads.
    template <class F>
    void forOutputs(const sdk::Launch& l, F&& body) const {
        const abi::TensorDesc &x = l.inputDesc(0), &y = l.outputDesc(0);
        const Windows w = windowsOf(sdk::dimsOf(x), sdk::dimsOf(y), kernelShape);
        const std::int64_t outputs = w.outputs();
        if (outputs == 0) return;
        const std::int64_t grain = std::max<std::int64_t>(1, 16384 / w.elements());
        sdk::parallelFor(x.dims.d[0] * x.dims.d[1] * outputs, grain, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                body(i / outputs, w, outputAt(w, i % outputs), i);
        });
    }
};

}  // namespace tenon::reference
