// 8-bit integers less their zero points, and their sums of products as 32-bit integers or 8-bit integers of another scale.
#pragma once

#include "matrix_product.h"
#include "quantization.h"

namespace tenon::reference {

inline constexpr sdk::TypeSet bytes8 = sdk::u8 | sdk::i8;
using IntegerSum = Sum<std::int32_t>;

// v - zero, as products of 32-bit integers take it.
template <class E>
IntegerSum centred(E v, double zero) {
    return static_cast<IntegerSum>(static_cast<std::int32_t>(v) - static_cast<std::int32_t>(zero));
}

// A scale or zero point that the whole tensor has, or one for each row (column) of each matrix, or of all matrices alike.
class PerLane {
public:
    PerLane(const sdk::Launch& l, int input, std::int64_t lanes)
        : values_(l, input), lanes_(lanes), count_(l.hasInput(input) ? sdk::elementCount(l.inputDesc(input).dims) : 1) {}
    double at(std::int64_t matrix, std::int64_t lane) const {
        return values_[count_ == 1 ? 0 : count_ == lanes_ ? lane : matrix * lanes_ + lane];
    }

private:
    ElementReader values_;
    std::int64_t lanes_, count_;
};

// saturate(round half to even(sum * scale) + zero).
template <class Y>
Y requantized(IntegerSum sum, float scale, double zero) {
    const float v = static_cast<float>(static_cast<std::int32_t>(sum)) * scale;
    return toInteger<Y>(std::nearbyint(static_cast<double>(v)) + zero);
}

// Calls store(batch, m, n, sum) for every element of the product of a and b less their zero points.
template <class E, class F, class Y>
void forIntegerProducts(const MatrixProduct& product, const E* a, const F* b, const PerLane& zeroA, const PerLane& zeroB,
                        Y&& store) {
    const ProductSize& size = product.size();
    forProducts<IntegerSum>(
        size,
        [&](std::int64_t batch, Range rows, Range depths, RowPanel<IntegerSum>& panel) {
            const E* from = a + product.offsetA(batch);
            for (std::int64_t m = rows.begin; m < rows.end; ++m) {
                const double zero = zeroA.at(product.matrixA(batch), m);
                for (std::int64_t k = depths.begin; k < depths.end; ++k)
                    panel.set(m - rows.begin, k - depths.begin, centred(from[m * size.depth + k], zero));
            }
        },
        [&](std::int64_t batch, Range columns, Range depths, ColumnPanel<IntegerSum>& panel) {
            const F* from = b + product.offsetB(batch);
            for (std::int64_t n = columns.begin; n < columns.end; ++n) {
                const double zero = zeroB.at(product.matrixB(batch), n);
                for (std::int64_t k = depths.begin; k < depths.end; ++k)
                    panel.set(n - columns.begin, k - depths.begin, centred(from[k * size.columns + n], zero));
            }
        },
        store);
}

// Checks the element count of a scale or zero point: 1, one per lane, or as many as the dims' product where that is known.
inline void checkPerLane(const sdk::Shape& s, const sdk::Dim& lanes, const sdk::Dim& all, const char* what) {
    const sdk::Dim count = s.elements();
    if (!count.isConstant() || !lanes.isConstant() || !all.isConstant()) return;
    if (count.is(1) || count.same(lanes) || count.same(all)) return;
    throw sdk::Error(std::string(what) + " has " + std::to_string(count.value()) + " elements, must have 1 or " +
                     std::to_string(lanes.value()));
}

}  // namespace tenon::reference
