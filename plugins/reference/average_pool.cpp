// y = mean of each window (ONNX AveragePool opset 1 and later).
#include "arithmetic.h"
#include "pooling.h"

namespace tenon::reference {
using namespace sdk;

struct AveragePool : Pooling {
    bool countIncludePad = false;
    static constexpr Identity identity{.name = "AveragePool", .since = 1};
    static constexpr Slot T = var('T', floats);
    static constexpr auto formats = rows(row(T, T));
    static constexpr auto attributes() {
        return std::tuple_cat(poolingAttributes(), std::tuple{attr(7, "count_include_pad", &AveragePool::countIncludePad,
                                                                   "whether padding counts in the mean")});
    }
    void infer(Shapes x, Shapes y) const { y[0] = pooled(x[0]); }
    void run(const Launch& l) const {
        dispatch<floats>(l.outputType(0), [&]<class E>() {
            const E* x = l.input<E>(0).data;
            E* y = l.output<E>(0).data;
            forOutputs(l, [&](std::int64_t channel, const Windows& w, const Coordinates& o, std::int64_t i) {
                const E* from = x + channel * w.inputs();
                double sum = 0;
                forWindow(w, o, [&](std::int64_t at) { sum += Compute<E>(from[at]); });
                y[i] = elementFrom<E>(sum / static_cast<double>(countOf(w, o)));
            });
        });
    }

private:
    // Elements of the window that count; elements that ceil_mode adds beyond the padding never do.
    std::int64_t countOf(const Windows& w, const Coordinates& o) const {
        std::int64_t n = 1;
        for (int d = 0; d < w.rank; ++d) {
            const std::int64_t at = o[static_cast<std::size_t>(d)];
            n *= countIncludePad ? w[d].countPadded(at) : w[d].endInside(at) - w[d].firstInside(at);
        }
        return std::max<std::int64_t>(n, 1);
    }
};

}  // namespace tenon::reference

TENON_OPERATORS(average_pool, tenon::reference::AveragePool)
