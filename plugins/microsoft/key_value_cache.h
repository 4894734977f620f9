// The keys or values of all tokens so far: those of a cache, then the new ones.
#pragma once

#include "attention.h"

namespace tenon::microsoft {

// to(b, h, at + t) = from(b, h, t) + bias(h) for vectors of `size` elements of `tokens` tokens; the bias may be absent.
template <class E>
void copyHeads(Heads<const E> from, Heads<E> to, const AttentionSize& s, std::int64_t heads, std::int64_t tokens, std::int64_t at,
               std::int64_t size, const E* bias = nullptr) {
    using C = sdk::Compute<E>;
    sdk::parallelFor(s.batches * heads, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            for (std::int64_t t = 0; t < tokens; ++t) {
                const E *source = from.at(i / heads, i % heads, t), *addend = bias + (bias != nullptr ? i % heads * size : 0);
                E* target = to.at(i / heads, i % heads, at + t);
                if (bias != nullptr)
                    std::transform(source, source + size, addend, target, [](E v, E b) { return E(C(v) + C(b)); });
                else if (source != target) std::copy_n(source, size, target);
            }
    });
}

// Dense (batches, heads, tokens, size), in an output or in memory of its own.
template <class E>
class Cache {
public:
    Cache(E* output, const AttentionSize& s, std::int64_t heads, std::int64_t tokens, std::int64_t size)
        : size_(s), heads_(heads), width_(size) {
        if (output == nullptr) own_.resize(static_cast<std::size_t>(s.batches * heads * tokens * size));
        all_ = headsFirst(output == nullptr ? own_.data() : output, heads, tokens, size);
    }
    Cache(Cache&&) = default;  // memory of its own moves, and does not copy
    Heads<E> heads() const { return all_; }
    Heads<const E> read() const { return {all_.data, all_.batch, all_.head, all_.token}; }
    // Puts `tokens` tokens, plus a bias if there is one, at those from `at` on.
    void put(Heads<const E> from, std::int64_t tokens, std::int64_t at, const E* bias = nullptr) const {
        copyHeads(from, all_, size_, heads_, tokens, at, width_, bias);
    }

private:
    AttentionSize size_;
    std::int64_t heads_, width_;
    std::vector<E> own_;
    Heads<E> all_;
};

}  // namespace tenon::microsoft
