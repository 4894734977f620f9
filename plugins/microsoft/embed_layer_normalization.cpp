// y = layer normalization of word_embedding[input_ids] + position_embedding[position] + segment_embedding[segment_ids], and the
// number of ones in each row of the mask (com.microsoft EmbedLayerNormalization).
#include "contrib.h"
#include "row_normalization.h"

namespace tenon::microsoft {
using namespace sdk;

struct EmbedLayerNormalization {
    float epsilon = 1e-12F;
    std::int64_t maskIndexType = 1;
    static constexpr Identity identity = contrib("EmbedLayerNormalization");
    static constexpr Slot I = var('I', i32 | i64), T = var('T', floats);
    static constexpr auto formats = rows(
        row(in(I, optional(I), T, T, optional(T), T, T, optional(I), optional(I)), out(T, optional(Slot(i32)), optional(T))));
    static constexpr auto attributes() {
        using Op = EmbedLayerNormalization;
        return std::tuple{attr(1, "epsilon", &Op::epsilon, "added to the variance"),
                          attr(2, "mask_index_type", &Op::maskIndexType, "0: no mask index, 1: one number a row").range(0, 1)};
    }
    void types(std::span<const DataType> in, std::span<DataType> out) const {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = i == 1 ? DataType::i32 : in[2];
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].rank() != 2) throw Error("input_ids must have rank 2, found " + std::to_string(x[0].rank()));
        for (const int i : {2, 3, 4})
            if (x.has(i) && x[i].rank() != 2) throw Error("an embedding must have rank 2, found " + std::to_string(x[i].rank()));
        if (x.has(1) != x.has(4)) throw Error("segment_ids and segment_embedding come together");
        const Dim width = x[2][1];
        for (const int i : {3, 4})
            if (x.has(i)) reference::checkPerChannel(Shape{x[i][1]}, width, "an embedding");
        reference::checkPerChannel(x[5], width, "gamma");
        reference::checkPerChannel(x[6], width, "beta");
        for (const int i : {1, 7, 8})
            if (x.has(i)) checkIds(x[0], x[i], i);
        y[0] = Shape{x[0][0], x[0][1], width};
        if (y.count() > 1) y[1] = Shape{x[0][0]};
        if (y.count() > 2) y[2] = y[0];
    }
    void run(const Launch& l) const {
        dispatch<i32 | i64>(l.inputType(0), [&]<class I>() {
            if (l.hasOutput(1)) countWords<I>(l);
            dispatch<floats>(l.inputType(2), [&]<class E>() { this->template embed<I, E>(l); });
        });
    }

private:
    // Only position ids may have one row for all.
    static void checkIds(const Shape& ids, const Shape& other, int input) {
        const char* name = input == 1 ? "segment_ids" : input == 7 ? "mask" : "position_ids";
        if (other.rank() != 2) throw Error(std::string(name) + " must have rank 2, found " + std::to_string(other.rank()));
        for (int d = 0; d < 2; ++d)
            if (other[d].isConstant() && ids[d].isConstant() && !other[d].same(ids[d]) &&
                !(input == 8 && d == 0 && other[d].is(1)))
                throw Error(std::string(name) + " has " + std::to_string(other[d].value()) + " in dimension " +
                            std::to_string(d) + ", input_ids has " + std::to_string(ids[d].value()));
    }
    template <class I>
    static void countWords(const Launch& l) {
        const auto count = l.output<std::int32_t>(1);
        std::fill(count.begin(), count.end(), 0);
        if (!l.hasInput(7)) return;
        const auto mask = l.input<I>(7);
        for (std::int64_t i = 0; i < mask.size(); ++i)
            count[i / mask.dim(1)] += static_cast<std::int32_t>(mask[i] == 1);
    }
    template <class I, class E>
    void embed(const Launch& l) const {
        const Table<E> words(l, 2), positions(l, 3), segments(l, 4);
        const I *ids = l.input<I>(0).data, *segmentIds = dataOf<I>(l, 1), *positionIds = dataOf<I>(l, 8);
        const auto y = l.output<E>(0);
        const std::int64_t length = y.dim(1), own = positionIds != nullptr ? l.input<I>(8).size() : 1;
        words.check(ids, y.dim(0) * length);
        segments.check(segmentIds, y.dim(0) * length);
        if (positionIds != nullptr) positions.check(positionIds, own);
        else if (y.size() > 0 && length > positions.rows.dim(0)) throw Error("the position embedding has too few rows");
        E* sums = l.hasOutput(2) ? l.output<E>(2).data : nullptr;
        const RowScale<E> scale{l.input<E>(5).data, l.input<E>(6).data};
        forRows(y.dims, [&](std::int64_t row, std::int64_t n) {
            std::vector<Compute<E>> sum(static_cast<std::size_t>(n));
            words.addTo(sum, ids[row]);
            positions.addTo(sum, positionIds != nullptr ? static_cast<std::int64_t>(positionIds[row % own]) : row % length);
            if (segmentIds != nullptr) segments.addTo(sum, segmentIds[row]);
            for (std::int64_t i = 0; sums != nullptr && i < n; ++i)
                sums[row * n + i] = E(sum[static_cast<std::size_t>(i)]);
            normalizeRow(sum.data(), n, reference::momentsOf(sum.data(), n), epsilon, scale, y.data + row * n);
        });
    }
    // One embedding: a row for each id.
    template <class E>
    struct Table {
        View<const E> rows;
        Table(const Launch& l, int input) {
            if (l.hasInput(input)) rows = l.input<E>(input);
        }
        template <class I>
        void check(const I* ids, std::int64_t count) const {
            for (std::int64_t i = 0; ids != nullptr && i < count; ++i)
                if (ids[i] < 0 || ids[i] >= rows.dim(0))
                    throw Error("id " + std::to_string(ids[i]) + " for an embedding of " + std::to_string(rows.dim(0)) + " rows");
        }
        void addTo(std::vector<Compute<E>>& sum, std::int64_t id) const {
            const E* from = rows.data + id * rows.dim(1);
            for (std::size_t i = 0; i < sum.size(); ++i)
                sum[i] += Compute<E>(from[i]);
        }
    };
};

}  // namespace tenon::microsoft

TENON_OPERATORS(embed_layer_normalization, tenon::microsoft::EmbedLayerNormalization)
