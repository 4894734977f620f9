// Offsets in one arena for buffers with lifetimes.
#pragma once

#include <cstddef>
#include <vector>

namespace tenon {

struct PlannedBuffer {
    std::size_t size = 0;
    int first = 0, last = 0;  // steps, inclusive
    std::size_t offset = 0;   // answer
};

struct ArenaPlan {
    std::size_t size = 0;        // bytes of the arena
    std::size_t lowerBound = 0;  // most bytes alive at one step
};

// Greedy by size: the largest buffer first, each at the lowest offset where it collides with no buffer that lives at the same
// time (Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference, 2020). Offsets are multiples of
// `alignment`.
ArenaPlan planArena(std::vector<PlannedBuffer>& buffers, std::size_t alignment);

}  // namespace tenon
