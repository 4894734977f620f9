// y = largest element of each window, and where in x it is (ONNX MaxPool opset 1 and later).
#include "arithmetic.h"
#include "pooling.h"

namespace tenon::reference {
using namespace sdk;

struct MaxPool : Pooling {
    std::int64_t storageOrder = 0;
    static constexpr Identity identity{.name = "MaxPool", .since = 1};
    static constexpr TypeSet kTypes = floats | i8 | u8;
    static constexpr Slot T = var('T', kTypes);
    static constexpr auto formats = rows(row(in(T), out(T, optional(i64))));
    static constexpr auto attributes() {
        return std::tuple_cat(poolingAttributes(), std::tuple{attr(7, "storage_order", &MaxPool::storageOrder,
                                                                   "indices count 0: row by row, 1: column by column")
                                                                  .range(0, 1)});
    }
    void infer(Shapes x, Shapes y) const {
        y[0] = pooled(x[0]);
        if (y.has(1)) y[1] = y[0].dims();
    }
    void run(const Launch& l) const {
        dispatch<kTypes>(l.outputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            E* y = l.output<E>(0).data;
            std::int64_t* indices = l.hasOutput(1) ? l.output<std::int64_t>(1).data : nullptr;
            forOutputs(l, [&](std::int64_t channel, const Windows& w, const Coordinates& o, std::int64_t i) {
                const std::int64_t at = channel * w.inputs(), best = largest(x + at, w, o);
                y[i] = best < 0 ? lowest<E>() : x[at + best];
                if (indices != nullptr) indices[i] = best < 0 ? -1 : at + stored(w, best);
            });
        });
    }

private:
    // Offset of the first largest element, or of the first NaN; -1 when the whole window lies on padding.
    template <class E>
    static std::int64_t largest(const E* x, const Windows& w, const Coordinates& o) {
        std::int64_t best = -1;
        Compute<E> top{};
        forWindow(w, o, [&](std::int64_t at) {
            const Compute<E> v = x[at];
            if (best >= 0 && !(v > top) && !(v != v && top == top)) return;
            best = at;
            top = v;
        });
        return best;
    }
    template <class E>
    static E lowest() {
        if constexpr (isFloating<E>) return E(-std::numeric_limits<Compute<E>>::infinity());
        else return std::numeric_limits<E>::min();
    }
    // The index to report for the row-major offset `at` in a channel.
    std::int64_t stored(const Windows& w, std::int64_t at) const {
        if (storageOrder == 0) return at;
        std::int64_t index = 0, step = w.inputs();
        for (int d = w.rank; d-- > 0; at /= w[d].in) {
            step /= w[d].in;
            index += at % w[d].in * step;
        }
        return index;
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(max_pool, tenon::reference::MaxPool)
