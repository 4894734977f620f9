// The k largest or smallest elements along an axis, the best first, and where they are; of equal ones the first (TensorRT's
// TopkLastDim).
#include "trt_plugin.h"

namespace tenon::tensorrt {

struct TopkLastDim {
    std::int64_t typeId = 0, k = 0, axis = -1;
    bool isLargest = true;
    static constexpr Identity identity = pluginIdentity("TopkLastDim");
    static constexpr Slot T = var('T', halfOrFloat | bf16 | i32);
    static constexpr auto formats = rows(row(in(T), out(optional(T), optional(i32))));
    static constexpr auto attributes() {
        using K = TopkLastDim;
        return std::tuple{attr(1, "type_id", &K::typeId, "TensorRT's type; the input's type counts").required().range(0, 64),
                          attr(2, "k", &K::k, "elements").required().range(1, INT32_MAX),
                          attr(3, "is_largest", &K::isLargest, "1: the largest, 0: the smallest").required(),
                          attr(4, "axis", &K::axis, "must be the last one")};
    }
    void infer(Shapes x, Shapes y) const {
        require(x[0].rank() >= 1 && x[0].axis(axis) == x[0].rank() - 1, "'axis' must be the last one");
        require(!x[0][x[0].rank() - 1].isConstant() || x[0][x[0].rank() - 1].value() >= k, "'k' is more than there are elements");
        for (int i = 0; i < y.count(); ++i) {
            y[i] = x[0].dims();
            y[i][x[0].rank() - 1] = k;
        }
    }
    std::uint64_t workspace(const Layer& l) const {
        const abi::Dims& x = l.inputRange(0).max;
        return static_cast<std::uint64_t>(x.d[x.rank - 1]) * sizeof(std::int32_t);
    }
    void run(const Launch& l) const {
        dispatch<halfOrFloat | bf16 | i32>(l.inputType(0), [&]<class E>() {
            const View<const E> x = l.input<E>(0);
            const std::int64_t length = x.dim(x.rank() - 1);
            require(length >= k && length <= INT32_MAX, "'k' is more than there are elements");
            auto* order = static_cast<std::int32_t*>(l.workspace());
            for (std::int64_t r = 0; r < x.size() / length; ++r) {
                const E* from = x.data + r * length;
                for (std::int64_t i = 0; i < length; ++i)
                    order[i] = static_cast<std::int32_t>(i);
                std::partial_sort(order, order + k, order + length,
                                  [&](std::int32_t a, std::int32_t b) { return isBefore(from[a], a, from[b], b); });
                for (std::int64_t i = 0; i < k; ++i) {
                    if (l.hasOutput(0)) l.output<E>(0)[r * k + i] = from[order[i]];
                    if (l.hasOutput(1)) l.output<std::int32_t>(1)[r * k + i] = order[i];
                }
            }
        });
    }

private:
    // NaN counts as the largest number.
    template <class E>
    bool isBefore(E a, std::int32_t i, E b, std::int32_t j) const {
        const Compute<E> x = a, y = b;
        if (x != x || y != y) return (x != x) == (y != y) ? i < j : (x != x) == isLargest;
        if (x != y) return isLargest ? x > y : x < y;
        return i < j;
    }
};

}  // namespace tenon::tensorrt

TENON_OPERATORS(top_k, tenon::tensorrt::TopkLastDim)
