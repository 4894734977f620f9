// y = maximum of each window of 8-bit tensors with channels last (com.microsoft NhwcMaxPool).
#include "../reference/pooling.h"
#include "affine.h"
#include "channels_last.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

struct NhwcMaxPool : reference::Pooling {
    static constexpr Identity identity = contrib("NhwcMaxPool");
    static constexpr Slot T = var('T', codes);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() { return poolingAttributes(); }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() < 3) throw Error("needs batch, channels and more, found rank " + std::to_string(x[0].rank()));
        y[0] = channelsLast(pooled(channelsSecond(x[0])));
    }
    void run(const Launch& l) const {
        dispatch<codes>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    template <class E>
    void runAs(const Launch& l) const {
        const abi::TensorDesc from = channelsSecond(l.inputDesc(0)), to = channelsSecond(l.outputDesc(0));
        const reference::Windows w = windowsOf(dimsOf(from), dimsOf(to), kernelShape);
        const std::int64_t channels = from.dims.d[1], outputs = w.outputs();
        const ChannelLayout x{channels, w.inputs(), true}, y{channels, outputs, true};
        const E* data = l.input<E>(0).data;
        E* result = l.output<E>(0).data;
        parallelFor(from.dims.d[0] * channels * outputs, std::max<std::int64_t>(1, 16384 / w.elements()),
                    [&](auto begin, auto end) {
                        for (std::int64_t i = begin; i < end; ++i) {
                            const std::int64_t n = i / outputs / channels, c = i / outputs % channels;
                            E top = std::numeric_limits<E>::min();
                            reference::forWindow(w, reference::outputAt(w, i % outputs),
                                                 [&](std::int64_t at) { top = std::max(top, data[x.at(n, c, at)]); });
                            result[y.at(n, c, i % outputs)] = top;
                        }
                    });
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(nhwc_max_pool, tenon::microsoft::NhwcMaxPool)
