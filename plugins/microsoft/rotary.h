// Rotary position embedding (Su et al., RoFormer, 2021): pairs of elements of a vector are turned by angles that grow with the
// position; the caches hold cosines and sines, one row for each position.
#pragma once

#include "../reference/arithmetic.h"

namespace tenon::microsoft {

template <class E>
struct Rotary {
    const E *cosines = nullptr, *sines = nullptr;  // (positions, pairs)
    std::int64_t positions = 0, pairs = 0;
    bool interleaved = false;  // pairs are neighbours, else `pairs` apart

    // y = x turned for this position; elements beyond the pairs are copied. x and y may be the same.
    void apply(const E* x, std::int64_t position, std::int64_t size, E* y) const {
        using C = sdk::Compute<E>;
        const E *cosine = cosines + position * pairs, *sine = sines + position * pairs;
        const std::int64_t step = interleaved ? 2 : 1, apart = interleaved ? 1 : pairs;
        for (std::int64_t i = 0; i < pairs; ++i) {
            const C a = x[i * step], b = x[i * step + apart], c = cosine[i], s = sine[i];
            y[i * step] = E(a * c - b * s);
            y[i * step + apart] = E(b * c + a * s);
        }
        if (x != y) std::copy(x + 2 * pairs, x + size, y + 2 * pairs);
    }
    void checkPosition(std::int64_t position) const {
        if (position < 0 || position >= positions)
            throw sdk::Error("position " + std::to_string(position) + ", the caches have " + std::to_string(positions) + " rows");
    }
};

// Checks the dims of the caches against the size of the vectors.
inline void checkCaches(const sdk::Shape& cosines, const sdk::Shape& sines, const sdk::Dim& headSize) {
    if (cosines.rank() != 2 || sines.rank() != 2) throw sdk::Error("cos_cache and sin_cache must have rank 2");
    for (int d = 0; d < 2; ++d)
        if (cosines[d].isConstant() && sines[d].isConstant() && !cosines[d].same(sines[d]))
            throw sdk::Error("cos_cache and sin_cache have different dims");
    if (cosines[1].isConstant() && headSize.isConstant() && cosines[1].value() > headSize.value() / 2)
        throw sdk::Error("the caches turn " + std::to_string(cosines[1].value()) + " pairs, vectors have " +
                         std::to_string(headSize.value()) + " elements");
}

}  // namespace tenon::microsoft
