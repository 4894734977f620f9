// Copying between two strided views of the same extents.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::reference {

// Row-major element steps of a dense tensor.
inline std::array<std::int64_t, abi::kMaxRank> denseSteps(std::span<const std::int64_t> dims) {
    std::array<std::int64_t, abi::kMaxRank> steps{};
    std::int64_t step = 1;
    for (std::size_t d = dims.size(); d-- > 0; step *= dims[d])
        steps[d] = step;
    return steps;
}

// to[i * toStep + j] = from[i + j * fromStep] for i, j < 4.
template <class E>
void transpose4x4(const E* from, std::int64_t fromStep, E* to, std::int64_t toStep) {
    if constexpr (sizeof(E) == 4) {
        using Four __attribute__((vector_size(16))) = std::uint32_t;
        std::array<Four, 4> c;
        for (std::size_t j = 0; j < 4; ++j)
            std::memcpy(&c[j], from + static_cast<std::int64_t>(j) * fromStep, sizeof(Four));
        const Four low01 = __builtin_shufflevector(c[0], c[1], 0, 4, 1, 5),
                   high01 = __builtin_shufflevector(c[0], c[1], 2, 6, 3, 7);
        const Four low23 = __builtin_shufflevector(c[2], c[3], 0, 4, 1, 5),
                   high23 = __builtin_shufflevector(c[2], c[3], 2, 6, 3, 7);
        const std::array<Four, 4> r{
            __builtin_shufflevector(low01, low23, 0, 1, 4, 5), __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
            __builtin_shufflevector(high01, high23, 0, 1, 4, 5), __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
        for (std::size_t i = 0; i < 4; ++i)
            std::memcpy(to + static_cast<std::int64_t>(i) * toStep, &r[i], sizeof(Four));
    } else {
        for (std::int64_t i = 0; i < 4; ++i)
            for (std::int64_t j = 0; j < 4; ++j)
                to[i * toStep + j] = from[i + j * fromStep];
    }
}

// The loops of one copy: extents, and the elements between neighbours in the source and in the destination. A source step
// may be 0 (repeat) or negative (reverse); no two iterations write the same element.
class StridedCopy {
public:
    // Adds a loop inside those added before. Loops that continue each other in both views are merged.
    void add(std::int64_t extent, std::int64_t from, std::int64_t to) {
        if (extent == 1 || isEmpty_) return;
        isEmpty_ = extent == 0;
        if (isEmpty_) return;
        if (count_ > 0 && last().from == extent * from && last().to == extent * to) {
            last() = {last().extent * extent, from, to};
            return;
        }
        loops_.at(count_++) = {extent, from, to};
    }
    template <class E>
    void run(const E* x, E* y) const {
        if (isEmpty_) return;
        const std::size_t row = transposedLoop();
        if (row < count_) planes(x, y, row);
        else rows(x, y);
    }
    // Copies elements of this type, of which only the size matters.
    void run(sdk::DataType type, const void* x, void* y, std::int64_t fromOffset = 0, std::int64_t toOffset = 0) const {
        if (isEmpty_) return;
        sdk::dispatchSize(type, [&]<class E>() { run(static_cast<const E*>(x) + fromOffset, static_cast<E*>(y) + toOffset); });
    }

private:
    struct Loop {
        std::int64_t extent = 1, from = 0, to = 0;
    };
    static constexpr std::int64_t kGrain = 16384;  // elements worth a thread
    static constexpr std::int64_t kTile = 64;

    Loop& last() { return loops_[count_ - 1]; }

    // The loop that walks the source densely while the innermost walks the destination densely, or count_.
    std::size_t transposedLoop() const {
        if (count_ < 2 || loops_[count_ - 1].to != 1 || loops_[count_ - 1].from == 1 || loops_[count_ - 1].from == 0)
            return count_;
        for (std::size_t i = 0; i + 1 < count_; ++i)
            if (loops_[i].from == 1) return i;
        return count_;
    }

    template <class E>
    static void copyRow(const Loop& l, const E* x, E* y) {
        const auto n = static_cast<std::size_t>(l.extent);
        if (l.from == 1 && l.to == 1) {
            switch (n) {
                case 4: std::memcpy(y, x, 4 * sizeof(E)); return;
                case 8: std::memcpy(y, x, 8 * sizeof(E)); return;
                case 16: std::memcpy(y, x, 16 * sizeof(E)); return;
                default: std::memcpy(y, x, n * sizeof(E)); return;
            }
        }
        if (l.from == 0 && l.to == 1) std::fill_n(y, n, *x);
        else
            for (std::int64_t i = 0; i < l.extent; ++i)
                y[i * l.to] = x[i * l.from];
    }

    // Row by row along the innermost loop; the next loop around it is walked without divisions.
    template <class E>
    void rows(const E* x, E* y) const {
        const Loop inner = count_ > 0 ? loops_[count_ - 1] : Loop{};
        const Loop next = count_ > 1 ? loops_[count_ - 2] : Loop{};
        const std::size_t outer = count_ > 2 ? count_ - 2 : 0;
        const std::int64_t total = outerCount(outer, count_) * next.extent;
        sdk::parallelFor(total, std::max<std::int64_t>(1, kGrain / inner.extent), [&](std::int64_t begin, std::int64_t end) {
            while (begin < end) {
                const std::int64_t first = begin % next.extent, stop = std::min(next.extent, first + end - begin);
                const Loop base = offsets(begin / next.extent, outer, count_);
                for (std::int64_t j = first; j < stop; ++j)
                    copyRow(inner, x + base.from + j * next.from, y + base.to + j * next.to);
                begin += stop - first;
            }
        });
    }

    // Tile by tile over the planes of the innermost loop and the loop `row`.
    template <class E>
    void planes(const E* x, E* y, std::size_t row) const {
        const Loop rows = loops_[row], columns = loops_[count_ - 1];
        const std::int64_t rowTiles = (rows.extent + kTile - 1) / kTile, columnTiles = (columns.extent + kTile - 1) / kTile;
        const std::int64_t total = outerCount(count_ - 1, row) * rowTiles * columnTiles;
        const std::int64_t tileSize = std::min(rows.extent, kTile) * std::min(columns.extent, kTile);
        sdk::parallelFor(total, std::max<std::int64_t>(1, kGrain / tileSize), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t t = begin; t < end; ++t) {
                const Loop base = offsets(t / (rowTiles * columnTiles), count_ - 1, row);
                const std::int64_t i = t / columnTiles % rowTiles * kTile, j = t % columnTiles * kTile;
                tile(x + base.from + i + j * columns.from, columns.from, y + base.to + i * rows.to + j, rows.to,
                     std::min(kTile, rows.extent - i), std::min(kTile, columns.extent - j));
            }
        });
    }
    template <class E>
    static void tile(const E* from, std::int64_t fromStep, E* to, std::int64_t toStep, std::int64_t rows, std::int64_t columns) {
        const std::int64_t wholeRows = rows / 4 * 4, wholeColumns = columns / 4 * 4;
        for (std::int64_t i = 0; i < wholeRows; i += 4)
            for (std::int64_t j = 0; j < wholeColumns; j += 4)
                transpose4x4(from + i + j * fromStep, fromStep, to + i * toStep + j, toStep);
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t j = i < wholeRows ? wholeColumns : 0; j < columns; ++j)
                to[i * toStep + j] = from[i + j * fromStep];
    }

    // Iterations of the loops [0, end) other than `skipped`, and where one of them starts.
    std::int64_t outerCount(std::size_t end, std::size_t skipped) const {
        std::int64_t n = 1;
        for (std::size_t d = 0; d < end; ++d)
            n *= d == skipped ? 1 : loops_[d].extent;
        return n;
    }
    Loop offsets(std::int64_t index, std::size_t end, std::size_t skipped) const {
        Loop at;
        for (std::size_t d = end; d-- > 0;) {
            if (d == skipped) continue;
            const std::int64_t c = index % loops_[d].extent;
            index /= loops_[d].extent;
            at.from += c * loops_[d].from;
            at.to += c * loops_[d].to;
        }
        return at;
    }

    std::array<Loop, 2 * abi::kMaxRank> loops_{};
    std::size_t count_ = 0;
    bool isEmpty_ = false;
};

}  // namespace tenon::reference
