// y = x with the first sequence_lens[b] time steps of each batch item b in reverse order (ONNX ReverseSequence opset 10 and
// later).
#include "indices.h"

namespace tenon::reference {
using namespace sdk;

struct ReverseSequence {
    std::int64_t batchAxis = 1, timeAxis = 0;
    static constexpr Identity identity{.name = "ReverseSequence", .since = 10};
    static constexpr Slot T = var('T', anyType);
    static constexpr auto formats = rows(row(in(T, Slot(i64)), out(T)));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "batch_axis", &ReverseSequence::batchAxis, "axis of the batch").range(0, 1),
                          attr(2, "time_axis", &ReverseSequence::timeAxis, "axis that is reversed").range(0, 1)};
    }
    void check(const abi::LayerInfo&) const {
        if (batchAxis == timeAxis) throw Error("batch_axis and time_axis are both " + std::to_string(batchAxis));
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() < 2) throw Error("the input must have rank 2 or more, it has rank " + std::to_string(x[0].rank()));
        y[0] = x[0].dims();
        const Dim &batch = x[0][static_cast<int>(batchAxis)], lengths = x[1].elements();
        if (x[1].rank() != 1 || (batch.isConstant() && lengths.isConstant() && !batch.same(lengths)))
            throw Error("sequence_lens must have one entry for each batch item");
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const auto length = l.input<std::int64_t>(1);
        const std::int64_t times = dims[static_cast<std::size_t>(timeAxis)];
        for (const std::int64_t n : length)
            if (n < 0 || n > times)
                throw Error("a sequence of " + std::to_string(n) + " steps, there are " + std::to_string(times));
        std::int64_t inner = 1;
        for (std::size_t i = 2; i < dims.size(); ++i)
            inner *= dims[i];
        if (inner == 0) return;
        const std::int64_t step = timeAxis == 0 ? dims[1] : 1;
        dispatchSize(l.inputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            E* y = l.output<E>(0).data;
            parallelFor(dims[0] * dims[1], std::max<std::int64_t>(1, 16384 / inner), [&](auto begin, auto end) {
                for (std::int64_t i = begin; i < end; ++i) {
                    const std::int64_t time = timeAxis == 0 ? i / dims[1] : i % dims[1];
                    const std::int64_t n = length[timeAxis == 0 ? i % dims[1] : i / dims[1]];
                    const std::int64_t from = time < n ? i + (n - 1 - 2 * time) * step : i;
                    std::copy_n(x + from * inner, inner, y + i * inner);
                }
            });
        });
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(reverse_sequence, tenon::reference::ReverseSequence)
