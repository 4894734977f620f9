// Sums of products, y(m, n) = sum over k of a(m, k) b(k, n), in tiles: what matrix products and convolutions of any element type
// share. Floating-point sums are kept in double, integer sums wrap.
#pragma once

#include "arithmetic.h"

namespace tenon::reference {

// The type in which products of E are added up.
template <class E>
using Sum = std::conditional_t<sdk::isFloating<E>, double, Arithmetic<E>>;

template <class E>
E elementOf(Sum<E> sum) {
    if constexpr (sdk::isFloating<E>) return elementFrom<E>(sum);
    else return static_cast<E>(sum);
}

struct Range {
    std::int64_t begin, end;
    std::int64_t size() const { return end - begin; }
};

struct ProductSize {
    std::int64_t batches, rows, columns, depth;
};

inline constexpr std::int64_t kTileRows = 64, kTileColumns = 64, kTileDepth = 128, kUnroll = 4;

// One operand of a tile, stored in the order in which the kernel reads it: kUnroll rows (or columns) for each step of the depth.
template <class S, std::int64_t Lanes>
class Panel {
public:
    void set(std::int64_t lane, std::int64_t k, S v) { cell_[offset(lane, k)] = v; }
    const S* strip(std::int64_t lane) const { return cell_ + offset(lane, 0); }
    // Zeros for the lanes that fill up the last strip.
    void pad(std::int64_t lanes, std::int64_t depth) {
        for (std::int64_t lane = lanes; lane % kUnroll != 0; ++lane)
            for (std::int64_t k = 0; k < depth; ++k)
                set(lane, k, S(0));
    }

private:
    static std::int64_t offset(std::int64_t lane, std::int64_t k) {
        return (lane / kUnroll * kTileDepth + k) * kUnroll + lane % kUnroll;
    }
    S cell_[Lanes * kTileDepth];
};
template <class S>
using RowPanel = Panel<S, kTileRows>;
template <class S>
using ColumnPanel = Panel<S, kTileColumns>;

// sum += a strip of kUnroll rows times a strip of kUnroll columns.
template <class S>
void addProducts(const S* a, const S* b, std::int64_t depth, S* sum) {
    S block[kUnroll][kUnroll] = {};
    for (std::int64_t k = 0; k < depth; ++k, a += kUnroll, b += kUnroll)
        for (std::int64_t i = 0; i < kUnroll; ++i)
            for (std::int64_t j = 0; j < kUnroll; ++j)
                block[i][j] += a[i] * b[j];
    for (std::int64_t i = 0; i < kUnroll; ++i)
        for (std::int64_t j = 0; j < kUnroll; ++j)
            sum[i * kTileColumns + j] += block[i][j];
}

// One tile of y. packA(batch, rows, depths, panel) and packB(batch, columns, depths, panel) fill the operands.
template <class S, class A, class B>
void sumTile(std::int64_t batch, Range rows, Range columns, std::int64_t depth, A&& packA, B&& packB, S* sum) {
    RowPanel<S> a;
    ColumnPanel<S> b;
    std::fill_n(sum, (rows.size() + kUnroll - 1) / kUnroll * kUnroll * kTileColumns, S(0));
    for (std::int64_t k = 0; k < depth; k += kTileDepth) {
        const Range depths{k, std::min(depth, k + kTileDepth)};
        packA(batch, rows, depths, a);
        packB(batch, columns, depths, b);
        a.pad(rows.size(), depths.size());
        b.pad(columns.size(), depths.size());
        for (std::int64_t m = 0; m < rows.size(); m += kUnroll)
            for (std::int64_t n = 0; n < columns.size(); n += kUnroll)
                addProducts(a.strip(m), b.strip(n), depths.size(), sum + m * kTileColumns + n);
    }
}

// All of y on the host's threads; store(batch, m, n, sum) takes every element once.
template <class S, class A, class B, class Y>
void forProducts(const ProductSize& size, A&& packA, B&& packB, Y&& store) {
    constexpr std::int64_t kGrain = 1 << 16;  // products that are worth a thread
    const auto pieces = [](std::int64_t n, std::int64_t tile) { return (n + tile - 1) / tile; };
    const std::int64_t across = pieces(size.columns, kTileColumns), down = pieces(size.rows, kTileRows);
    const std::int64_t work = std::min(size.rows, kTileRows) * std::min(size.columns, kTileColumns) * (size.depth + 1);
    sdk::parallelFor(size.batches * down * across, std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(work, 1)),
                     [&](std::int64_t begin, std::int64_t end) {
                         S sum[kTileRows * kTileColumns];
                         for (std::int64_t tile = begin; tile < end; ++tile) {
                             const std::int64_t batch = tile / (down * across), row = tile / across % down * kTileRows;
                             const std::int64_t column = tile % across * kTileColumns;
                             const Range rows{row, std::min(size.rows, row + kTileRows)};
                             const Range columns{column, std::min(size.columns, column + kTileColumns)};
                             sumTile(batch, rows, columns, size.depth, packA, packB, sum);
                             for (std::int64_t m = row; m < rows.end; ++m)
                                 for (std::int64_t n = column; n < columns.end; ++n)
                                     store(batch, m, n, sum[(m - row) * kTileColumns + n - column]);
                         }
                     });
}

// A matrix in memory, packed by rows or by columns: `lane` counts rows of a or columns of b.
struct MatrixSteps {
    std::int64_t lane, depth;
};
template <class E, class P>
void packMatrix(const E* data, MatrixSteps step, Range lanes, Range depths, P& panel) {
    using C = sdk::Compute<E>;
    if (step.lane <= step.depth) {
        for (std::int64_t k = depths.begin; k < depths.end; ++k)
            for (std::int64_t i = lanes.begin; i < lanes.end; ++i)
                panel.set(i - lanes.begin, k - depths.begin, static_cast<Sum<E>>(C(data[i * step.lane + k * step.depth])));
        return;
    }
    for (std::int64_t i = lanes.begin; i < lanes.end; ++i)
        for (std::int64_t k = depths.begin; k < depths.end; ++k)
            panel.set(i - lanes.begin, k - depths.begin, static_cast<Sum<E>>(C(data[i * step.lane + k * step.depth])));
}

}  // namespace tenon::reference
