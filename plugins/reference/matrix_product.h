// Matrix products with numpy's broadcasting of the leading dimensions: shape rule, operands, cost.
#pragma once

#include "broadcast.h"
#include "product.h"

namespace tenon::reference {

// The dims of a b; an input of rank 1 is a row or a column, and its dimension does not show in the result.
inline sdk::Shape multiplied(const sdk::Shape& a, const sdk::Shape& b) {
    if (a.rank() == 0 || b.rank() == 0) throw sdk::Error("both inputs must have rank 1 or more");
    const sdk::Dim &inner = a[a.rank() - 1], &other = b[std::max(b.rank() - 2, 0)];
    if (inner.isConstant() && other.isConstant() && !inner.same(other))
        throw sdk::Error("a has " + std::to_string(inner.value()) + " columns, b has " + std::to_string(other.value()) + " rows");
    const auto leading = [](const sdk::Shape& s) {
        sdk::Shape batch = sdk::Shape::ofRank(std::max(s.rank() - 2, 0));
        for (int i = 0; i < batch.rank(); ++i)
            batch[i] = s[i];
        return batch;
    };
    sdk::Shape y = sdk::broadcast(leading(a), leading(b));
    if (a.rank() > 1) y.append(a[a.rank() - 2]);
    if (b.rank() > 1) y.append(b[b.rank() - 1]);
    return y;
}

// One product of concrete shapes, and where the matrices of each batch begin.
class MatrixProduct {
public:
    using Dims = std::span<const std::int64_t>;
    MatrixProduct(Dims a, Dims b) {
        const std::int64_t m = a.size() > 1 ? a[a.size() - 2] : 1, n = b.size() > 1 ? b.back() : 1;
        size_ = {1, m, n, a.back()};
        const Dims batchA = a.first(a.size() - std::min<std::size_t>(2, a.size()));
        const Dims batchB = b.first(b.size() - std::min<std::size_t>(2, b.size()));
        rank_ = std::max(batchA.size(), batchB.size());
        for (std::size_t back = 1; back <= rank_; ++back) {
            const std::int64_t da = back <= batchA.size() ? batchA[batchA.size() - back] : 1;
            const std::int64_t db = back <= batchB.size() ? batchB[batchB.size() - back] : 1;
            dims_[rank_ - back] = da == 1 ? db : da;
            size_.batches *= da == 1 ? db : da;
        }
        stepsA_ = broadcastStrides(batchA, {dims_.data(), rank_});
        stepsB_ = broadcastStrides(batchB, {dims_.data(), rank_});
    }
    const ProductSize& size() const { return size_; }
    std::int64_t matrixA(std::int64_t batch) const { return matrix(batch, stepsA_); }  // index of the matrix
    std::int64_t matrixB(std::int64_t batch) const { return matrix(batch, stepsB_); }
    std::int64_t offsetA(std::int64_t batch) const { return matrixA(batch) * size_.rows * size_.depth; }
    std::int64_t offsetB(std::int64_t batch) const { return matrixB(batch) * size_.depth * size_.columns; }

private:
    using Steps = std::array<std::int64_t, abi::kMaxRank>;
    std::int64_t matrix(std::int64_t batch, const Steps& steps) const {
        std::int64_t at = 0;
        for (std::size_t d = rank_; d-- > 0; batch /= dims_[d])
            at += batch % dims_[d] * steps[d];
        return at;
    }
    ProductSize size_{};
    std::size_t rank_ = 0;
    Steps dims_{}, stepsA_{}, stepsB_{};
};

// Multiplications and additions, and every matrix once, at the profile's opt shapes. `a` and `b` are input numbers.
inline sdk::Cost productCost(const sdk::Layer& l, int a, int b) {
    const auto count = [](const abi::DynamicTensorDesc& d) { return static_cast<double>(sdk::elementCount(d.opt)); };
    const auto bytes = [&](const abi::DynamicTensorDesc& d) { return count(d) * sdk::elementBits(d.desc.type) / 8; };
    const abi::DynamicTensorDesc &x = l.inputRange(a), &y = l.outputRange(0);
    const std::int64_t depth = x.opt.rank > 0 ? x.opt.d[x.opt.rank - 1] : 1;
    return {2 * count(y) * static_cast<double>(depth), bytes(x) + bytes(l.inputRange(b)) + bytes(y)};
}

}  // namespace tenon::reference
