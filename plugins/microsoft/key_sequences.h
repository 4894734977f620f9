// Where the tokens of each sequence of a batch are when a cache holds those of earlier steps.
#pragma once

#include "attention.h"

namespace tenon::microsoft {

// A cache that keeps the last tokens only: of `capacity` rows, `window` are always kept.
struct SlidingWindow {
    std::int64_t capacity, window;
    // Tokens that the cache holds of a sequence of `length`: once it is full, capacity - window + 1 are dropped at a time.
    std::int64_t resident(std::int64_t length) const {
        const std::int64_t dropped = capacity - window + 1;
        return length <= capacity ? length : length - dropped * ((length - capacity + dropped - 1) / dropped);
    }
};

// The rows of one sequence: `past` from the cache, then the new ones. Row 0 is the token at position `first`.
struct KeySequence {
    std::int64_t first = 0, past = 0, length = 0;
};

struct KeySequences {
    std::vector<KeySequence> of;                 // for each sequence of the batch
    std::int64_t held = 0, rows = 0, total = 0;  // tokens of the old cache, of the new one, of the longest sequence
    bool isPrompt = false;
    std::optional<SlidingWindow> window;

    const KeySequence& operator[](std::int64_t batch) const { return of[static_cast<std::size_t>(batch)]; }
    std::int64_t resident(std::int64_t length) const { return window ? window->resident(length) : length; }
    // Adds a sequence that has `length` tokens, `fresh` of which are new.
    void add(std::int64_t length, std::int64_t fresh) {
        const std::int64_t before = isPrompt ? 0 : length - fresh;
        if (length < 0 || length > total || before < 0 || (!window && (before > held || before + fresh > rows)))
            throw sdk::Error("seqlens_k[" + std::to_string(of.size()) + "] is " + std::to_string(length - 1) + " with " +
                             std::to_string(fresh) + " new tokens, total_sequence_length " + std::to_string(total) +
                             " and a cache of " + std::to_string(held) + " tokens");
        const std::int64_t past = resident(before);
        of.push_back({before - past, past, length});
    }
};

}  // namespace tenon::microsoft
