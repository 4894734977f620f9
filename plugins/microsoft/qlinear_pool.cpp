// y = quantized(mean) of each window, or of each whole channel, of 8-bit tensors with channels first or last (com.microsoft
// QLinearAveragePool, QLinearGlobalAveragePool).
#include "../reference/pooling.h"
#include "affine.h"
#include "channels_last.h"
#include "contrib.h"

namespace tenon::microsoft {
using namespace sdk;

constexpr Slot T = var('T', codes), S = f32, Z = optional(T);

struct QLinearAveragePool : reference::Pooling {
    bool countIncludePad = false, isLast = false;
    static constexpr Identity identity = contrib("QLinearAveragePool");
    static constexpr auto formats = rows(row(in(T, S, Z, S, Z), out(T)));
    static constexpr auto attributes() {
        using Op = QLinearAveragePool;
        return std::tuple_cat(
            poolingAttributes(),
            std::tuple{attr(7, "channels_last", &Op::isLast, "whether channels are the last dimension"),
                       attr(8, "count_include_pad", &Op::countIncludePad, "whether padding counts in the mean")});
    }
    void infer(Shapes x, Shapes y) const {
        expectSingle(x, {1, 2, 3, 4});
        const bool turn = isLast && x[0].rank() > 1;
        const Shape found = pooled(turn ? channelsSecond(x[0]) : x[0]);
        y[0] = turn ? channelsLast(found) : found;
    }
    void run(const Launch& l) const {
        dispatch<codes>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    template <class E>
    void runAs(const Launch& l) const {
        const abi::TensorDesc from = isLast ? channelsSecond(l.inputDesc(0)) : l.inputDesc(0);
        const abi::TensorDesc to = isLast ? channelsSecond(l.outputDesc(0)) : l.outputDesc(0);
        const reference::Windows w = windowsOf(dimsOf(from), dimsOf(to), kernelShape);
        const std::int64_t channels = from.dims.d[1], outputs = w.outputs();
        const ChannelLayout x{channels, w.inputs(), isLast}, y{channels, outputs, isLast};
        const Affine in = Affine::of(l, 1, 2), out = Affine::of(l, 3, 4);
        const E* data = l.input<E>(0).data;
        E* result = l.output<E>(0).data;
        parallelFor(from.dims.d[0] * channels * outputs, std::max<std::int64_t>(1, 16384 / w.elements()),
                    [&](auto begin, auto end) {
                        for (std::int64_t i = begin; i < end; ++i) {
                            const std::int64_t n = i / outputs / channels, c = i / outputs % channels;
                            const reference::Coordinates o = reference::outputAt(w, i % outputs);
                            std::int64_t sum = 0, count = 0;
                            reference::forWindow(w, o, [&](std::int64_t at) {
                                sum += data[x.at(n, c, at)];
                                ++count;
                            });
                            const double all = static_cast<double>(sum) - in.zero * static_cast<double>(count);
                            // As in ONNX Runtime, with padding all of the window counts, also what ceil_mode adds.
                            const std::int64_t divisor = countIncludePad ? w.elements() : std::max<std::int64_t>(1, count);
                            const double mean = all / static_cast<double>(divisor);
                            result[y.at(n, c, i % outputs)] = out.codeOfExact<E>(mean * static_cast<double>(in.scale));
                        }
                    });
    }
};

struct QLinearGlobalAveragePool {
    bool isLast = false;
    static constexpr Identity identity = contrib("QLinearGlobalAveragePool");
    static constexpr auto formats = rows(row(in(T, S, T, S, T), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "channels_last", &QLinearGlobalAveragePool::isLast, "whether channels are the last dimension")};
    }
    void infer(Shapes x, Shapes y) const {
        expectSingle(x, {1, 2, 3, 4});
        const int rank = x[0].rank();
        if (rank < 3) throw Error("needs batch, channels and something to pool, found rank " + std::to_string(rank));
        y[0] = x[0].dims();
        for (int d = isLast ? 1 : 2; d < (isLast ? rank - 1 : rank); ++d) {
            if (x[0][d].is(0)) throw Error("dimension " + std::to_string(d) + " is 0: there is nothing to pool");
            y[0][d] = 1;
        }
    }
    void run(const Launch& l) const {
        dispatch<codes>(l.inputType(0), [&]<class E>() { this->template runAs<E>(l); });
    }

private:
    template <class E>
    void runAs(const Launch& l) const {
        const auto x = l.input<E>(0);
        const auto y = l.output<E>(0);
        if (y.size() == 0) return;
        const ChannelLayout layout{isLast ? x.dims.back() : x.dim(1), x.size() / y.size(), isLast};
        const Affine in = Affine::of(l, 1, 2), out = Affine::of(l, 3, 4);
        for (std::int64_t i = 0; i < y.size(); ++i) {
            std::int64_t sum = 0;
            for (std::int64_t k = 0; k < layout.elements; ++k)
                sum += x[layout.at(i / layout.channels, i % layout.channels, k)];
            y[i] = out.code<E>(in.number(static_cast<double>(sum) / static_cast<double>(layout.elements)));
        }
    }
};

}  // namespace tenon::microsoft

TENON_OPERATORS(qlinear_pool, tenon::microsoft::QLinearAveragePool, tenon::microsoft::QLinearGlobalAveragePool)
