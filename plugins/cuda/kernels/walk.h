// Nested loops over strided tensors: built on the host, walked by kernels.
#pragma once

#include <cstdint>

namespace tenon::cuda {

constexpr int kMostLoops = 16;

// `count` steps; step i visits one element of each of N tensors. Loops are innermost first. Strides are in elements and may be
// zero (broadcasting) or negative (reversal).
template <int N>
struct Walk {
    int rank = 0;
    int64_t count = 1;
    int64_t extent[kMostLoops] = {};
    int64_t stride[N][kMostLoops] = {};

    // Adds a loop around those there are; merges it with the last one where all tensors continue it.
    void enclose(int64_t size, const int64_t (&step)[N]) {
        count *= size;
        if (size == 1) return;
        if (rank > 0 && continues(step)) {
            extent[rank - 1] *= size;
            return;
        }
        extent[rank] = size;
        for (int k = 0; k < N; ++k)
            stride[k][rank] = step[k];
        ++rank;
    }
    // Whether every offset fits 31 bits, so that kernels can calculate with 32.
    bool isSmall() const {
        constexpr int64_t kLimit = int64_t{1} << 31;
        if (count >= kLimit) return false;
        for (int k = 0; k < N; ++k) {
            int64_t reach = 0;
            for (int d = 0; d < rank; ++d)
                reach += (extent[d] - 1) * (stride[k][d] < 0 ? -stride[k][d] : stride[k][d]);
            if (reach >= kLimit) return false;
        }
        return true;
    }
    // Whether tensor k is visited in memory order without gaps.
    bool isDense(int k) const { return rank == 0 || (rank == 1 && stride[k][0] == 1); }

private:
    bool continues(const int64_t (&step)[N]) const {
        for (int k = 0; k < N; ++k)
            if (step[k] != stride[k][rank - 1] * extent[rank - 1]) return false;
        return true;
    }
};

}  // namespace tenon::cuda
