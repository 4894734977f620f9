// What is added to the scores of attention: the mask, the causal frontier, the window and the padding of a cache.
#pragma once

#include "attention_size.h"
#include "broadcast.h"

namespace tenon::reference {

// Which keys a query may see by position (ONNX Attention opset 25): query i stands at offset + i.
struct Sight {
    bool isCausal = false;
    std::int64_t left = -1, right = -1;  // keys before and after the query's position; -1: all

    bool sees(std::int64_t position, std::int64_t key) const {
        const std::int64_t back = position - key;
        return !(isCausal && back < 0) && (left < 0 || back <= left) && (right < 0 || -back <= right);
    }
};

class AttentionBias {
public:
    // `past` keys precede the first query; `valid` is null or the count of keys of each batch, of which the queries are the last.
    AttentionBias(const Sight& sight, std::int64_t queries, std::int64_t keys, std::int64_t past, const std::int64_t* valid)
        : sight_(sight), queries_(queries), keys_(keys), past_(past), valid_(valid) {}

    // A mask that broadcasts to `full`, (batch, head, query, key). `padded`: keys beyond its last dim are excluded.
    void setMask(const sdk::Launch& l, int input, std::span<const std::int64_t> full, bool padded) {
        const auto dims = sdk::dimsOf(l.inputDesc(input));
        mask_ = l.inputData(input);
        steps_ = broadcastStrides(dims, full);
        const bool repeats = dims.empty() || (dims.back() == 1 && !padded);
        masked_ = repeats ? full[3] : dims.back();
        steps_[3] = repeats ? 0 : 1;
        hasMask_ = true;
        isBoolean_ = l.inputType(input) == sdk::DataType::boolean;
        if (!isBoolean_) load_ = loaderOf<sdk::numeric>(l.inputType(input));
    }
    // The biases of one query, one for each key.
    void row(std::int64_t batch, std::int64_t head, std::int64_t query, double* bias) const {
        std::fill_n(bias, keys_, 0.0);
        if (hasMask_) maskRow(batch * steps_[0] + head * steps_[1] + query * steps_[2], bias);
        const std::int64_t valid = valid_ == nullptr ? keys_ : std::clamp<std::int64_t>(valid_[batch], 0, keys_);
        const std::int64_t position = query + (valid_ == nullptr ? past_ : valid - queries_);
        for (std::int64_t key = 0; key < keys_; ++key)
            if (key >= valid || !sight_.sees(position, key)) bias[key] = kExcluded;
    }

private:
    void maskRow(std::int64_t at, double* bias) const {
        std::fill(bias + masked_, bias + keys_, kExcluded);
        if (isBoolean_) {
            const auto* mask = static_cast<const std::uint8_t*>(mask_) + at;
            for (std::int64_t key = 0; key < masked_; ++key)
                if (mask[key * steps_[3]] == 0) bias[key] = kExcluded;
        } else if (steps_[3] == 1) load_(mask_, at, masked_, bias);
        else {
            load_(mask_, at, 1, bias);
            std::fill_n(bias, masked_, bias[0]);
        }
    }

    Sight sight_;
    std::int64_t queries_, keys_, past_;
    const std::int64_t* valid_;
    const void* mask_ = nullptr;
    LoadRow load_ = nullptr;
    std::array<std::int64_t, abi::kMaxRank> steps_{};
    std::int64_t masked_ = 0;  // keys that the mask speaks of
    bool hasMask_ = false, isBoolean_ = false;
};

}  // namespace tenon::reference
