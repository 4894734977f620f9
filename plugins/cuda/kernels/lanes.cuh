// Groups of threads of one block that reduce one output together.
#pragma once

#include "device_math.cuh"

namespace tenon::cuda {

// A block of kThreads is kThreads / lanes groups. Where the reduced elements are contiguous, the lanes of a group are
// neighbouring threads; else neighbouring threads belong to neighbouring outputs, so that loads coalesce either way.
struct Lanes {
    int lanes;  // power of two, at most kThreads
    bool contiguous;

    __host__ __device__ int groups() const { return kThreads / lanes; }
    __device__ int lane() const { return contiguous ? threadIdx.x % lanes : threadIdx.x / groups(); }
    __device__ int group() const { return contiguous ? threadIdx.x / lanes : threadIdx.x % groups(); }
};

inline Lanes chooseLanes(int64_t outputs, int64_t reduced, bool contiguous) {
    constexpr int64_t kBusy = 132 * 512;  // threads that keep the device busy
    const int64_t most = contiguous ? kThreads : 32;
    int lanes = 1;
    if (contiguous)
        while (lanes < 32 && lanes < reduced)
            lanes *= 2;
    while (lanes * 2 <= most && lanes * 4 <= reduced && (outputs * lanes < kBusy || (contiguous && lanes * 16 <= reduced)))
        lanes *= 2;
    return {lanes, contiguous};
}

// Merges the values of the lanes of each group; every lane gets the result. All threads of the block take part. `shared` holds
// kThreads values.
template <class S, class Merge>
__device__ S mergeLanes(const Lanes& l, S value, S* shared, Merge merge) {
    S* mine = shared + l.group() * l.lanes;
    const int lane = l.lane();
    __syncthreads();
    mine[lane] = value;
    for (int half = l.lanes / 2; half > 0; half /= 2) {
        __syncthreads();
        if (lane < half) mine[lane] = merge(mine[lane], mine[lane + half]);
    }
    __syncthreads();
    return mine[0];
}

}  // namespace tenon::cuda
