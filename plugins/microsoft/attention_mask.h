// The masks that attention takes in com.microsoft, all of int32:
//   (B)            number of keys of each sequence          (2B)      the same numbers, then the first key of each
//   (3B + 2)       number of keys, then offsets of packed sequences
//   (B, T)         1 for each key that counts, else 0       (B, S, T) the same for each query
//   (B, 1, M, M)   the same for each pair of positions
#pragma once

#include "attention.h"

namespace tenon::microsoft {

class AttentionMask {
public:
    // Shape rule: `size` holds batches, queries and keys; a mask (B, L) with L = newKeys is for the keys after the past ones.
    static void check(const sdk::Shape& mask, const sdk::Dim& batches, const sdk::Dim& queries, const sdk::Dim& keys,
                      const sdk::Dim& newKeys) {
        if (mask.rank() == 1) return checkLengths(mask[0], batches);
        if (mask.rank() < 1 || mask.rank() > 4)
            throw sdk::Error("the mask must have rank 1 to 4, found " + std::to_string(mask.rank()));
        expectDim(mask[0], batches, "the mask");
        if (mask.rank() == 4) {
            expectDim(mask[1], 1, "the mask");
            expectDim(mask[2], mask[3], "the mask");
            if (mask[3].isConstant() && keys.isConstant() && mask[3].value() < keys.value())
                throw sdk::Error("the mask has " + std::to_string(mask[3].value()) + " positions for " +
                                 std::to_string(keys.value()) + " keys");
            return;
        }
        if (mask.rank() == 3) expectDim(mask[1], queries, "the mask");
        if (!(mask.rank() == 2 && newKeys.isConstant() && mask[1].same(newKeys)))
            expectDim(mask[mask.rank() - 1], keys, "the mask");
    }
    AttentionMask(const sdk::Launch& l, int input, const AttentionSize& size, float hidden) : hidden_(hidden), size_(size) {
        if (!l.hasInput(input)) return;
        mask_ = l.input<std::int32_t>(input);
        const sdk::Shape dims(std::vector<sdk::Dim>(mask_.dims.begin(), mask_.dims.end()));
        check(dims, size.batches, size.queries, size.keys, mask_.rank() == 2 ? std::min(mask_.dim(1), size.keys) : 0);
        if (mask_.rank() == 2) lead_ = size.keys - mask_.dim(1);
    }
    // Adds the filter value to the scores of the keys that do not count.
    template <class S>
    void addTo(ScoreRow row, std::span<S> scores) const {
        if (mask_.data == nullptr) return;
        if (mask_.rank() == 1) return addRange(row, scores);
        const std::int32_t* from = mask_.data + offset(row);
        for (auto t = static_cast<std::size_t>(lead_); t < scores.size(); ++t)
            if (from[t - static_cast<std::size_t>(lead_)] <= 0) scores[t] += S(hidden_);
    }

private:
    static void checkLengths(const sdk::Dim& count, const sdk::Dim& batches) {
        if (!count.isConstant() || !batches.isConstant()) return;
        const std::int64_t n = count.value(), b = batches.value();
        if (n != b && n != 2 * b && n != 3 * b + 2)
            throw sdk::Error("a mask of " + std::to_string(n) + " elements for " + std::to_string(b) + " sequences");
    }
    template <class S>
    void addRange(ScoreRow row, std::span<S> scores) const {
        const std::int64_t end = mask_[row.batch],
                           begin = mask_.size() == 2 * size_.batches ? mask_[size_.batches + row.batch] : 0;
        for (std::size_t t = 0; t < scores.size(); ++t)
            if (static_cast<std::int64_t>(t) >= end || static_cast<std::int64_t>(t) < begin) scores[t] += S(hidden_);
    }
    std::int64_t offset(ScoreRow row) const {
        if (mask_.rank() == 2) return row.batch * mask_.dim(1);
        if (mask_.rank() == 3) return (row.batch * mask_.dim(1) + row.query) * mask_.dim(2);
        return (row.batch * mask_.dim(2) + size_.keys - size_.queries + row.query) * mask_.dim(3);
    }
    sdk::View<const std::int32_t> mask_;
    float hidden_;
    AttentionSize size_;
    std::int64_t lead_ = 0;  // keys before those of a mask (B, L)
};

}  // namespace tenon::microsoft
