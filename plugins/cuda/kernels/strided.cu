// Kernels that only move elements: strided copies, tiled transposition, fill, gather, layout changes.
#include "strided.h"

#include "device_math.cuh"

namespace tenon::cuda {

namespace {
__global__ void nothing() {}

template <class T, class I>
__global__ void copyKernel(const __grid_constant__ Walk<2> w, T* to, const T* from) {
    const auto count = static_cast<int64_t>(w.count);
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>()) {
        I at[2];
        locate(w, i, at);
        to[at[0]] = from[at[1]];
    }
}

constexpr int kTile = 32, kTileRows = 8;

// Loop 0 is contiguous in `to`, loop `across` in `from`; the other loops are the batch.
struct TilePlan {
    Walk<2> batch;
    int64_t rows, columns;      // extents of loop `across` and of loop 0
    int64_t toRow, fromColumn;  // strides of `to` along `across`, of `from` along loop 0
    int64_t tilesAcross, tiles;
};

template <class T>
__global__ void transposeKernel(const __grid_constant__ TilePlan p, T* to, const T* from) {
    __shared__ T tile[kTile][kTile + 1];
    const int64_t row0 = blockIdx.x / p.tilesAcross * kTile, column0 = blockIdx.x % p.tilesAcross * kTile;
    for (int64_t b = blockIdx.y; b < p.batch.count; b += gridDim.y) {
        int64_t at[2];
        locate(p.batch, b, at);
        const int64_t row = row0 + threadIdx.x;
        for (int c = threadIdx.y; c < kTile; c += kTileRows)
            if (row < p.rows && column0 + c < p.columns) tile[c][threadIdx.x] = from[at[1] + (column0 + c) * p.fromColumn + row];
        __syncthreads();
        const int64_t column = column0 + threadIdx.x;
        for (int r = threadIdx.y; r < kTile; r += kTileRows)
            if (column < p.columns && row0 + r < p.rows) to[at[0] + (row0 + r) * p.toRow + column] = tile[threadIdx.x][r];
        __syncthreads();
    }
}

// The loop along which `from` is contiguous, when tiles pay: not loop 0, and both extents fill half a tile; else 0.
int transposedLoop(const Walk<2>& w) {
    if (w.rank < 2 || w.stride[0][0] != 1 || w.extent[0] < kTile / 2) return 0;
    for (int d = 1; d < w.rank; ++d)
        if (w.stride[1][d] == 1 && w.extent[d] >= kTile / 2) return d;
    return 0;
}

TilePlan planTiles(const Walk<2>& w, int across) {
    TilePlan p{};
    p.rows = w.extent[across];
    p.columns = w.extent[0];
    p.toRow = w.stride[0][across];
    p.fromColumn = w.stride[1][0];
    p.tilesAcross = (p.columns + kTile - 1) / kTile;
    p.tiles = (p.rows + kTile - 1) / kTile * p.tilesAcross;
    for (int d = 1; d < w.rank; ++d)
        if (d != across) p.batch.enclose(w.extent[d], {w.stride[0][d], w.stride[1][d]});
    return p;
}

template <class T>
__global__ void fillKernel(T* to, int64_t count, const T* value) {
    const T v = value != nullptr ? *value : T{};
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>())
        to[i] = v;
}

template <class T, class Index>
__global__ void gatherKernel(GatherShape s, int64_t count, T* to, const T* from, const Index* indices) {
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>()) {
        const int64_t inner = i % s.inner, j = i / s.inner % s.indexCount, outer = i / s.inner / s.indexCount;
        int64_t at = indices[j];
        if (at < 0) at += s.axisSize;
        to[i] = at >= 0 && at < s.axisSize ? from[(outer * s.axisSize + at) * s.inner + inner] : T{};
    }
}

struct ReformatPlan {
    int64_t channels, space, count;
    Walk<3> order;  // n, c, s in the memory order of `to`: "strides" 1 of each coordinate
    ImageLayout to, from;
};

__device__ int64_t offsetIn(const ImageLayout& l, int64_t n, int64_t c, int64_t s) {
    return n * l.batch + c / l.block * l.outer + s * l.space + c % l.block;
}

template <class T>
__global__ void reformatKernel(const __grid_constant__ ReformatPlan p, T* to, const T* from) {
    for (auto i = firstStep<int64_t>(); i < p.count; i += nextStep<int64_t>()) {
        int64_t at[3];
        locate(p.order, i, at);
        const int64_t n = at[0], c = at[1], s = at[2];
        to[offsetIn(p.to, n, c, s)] = c < p.channels ? from[offsetIn(p.from, n, c, s)] : T{};
    }
}

// Widens elements as far as the innermost extent and the pointers allow.
int widened(int bytes, int64_t& inner, const void* to, const void* from) {
    while (bytes < 16 && inner % 2 == 0 && reinterpret_cast<uintptr_t>(to) % (2 * bytes) == 0 &&
           reinterpret_cast<uintptr_t>(from) % (2 * bytes) == 0) {
        inner /= 2;
        bytes *= 2;
    }
    return bytes;
}
}  // namespace

cudaError_t probeKernels() {
    cudaFuncAttributes attributes{};
    return cudaFuncGetAttributes(&attributes, nothing);
}

cudaError_t copyStrided(const Walk<2>& w, int elementBytes, void* to, const void* from, cudaStream_t stream) {
    if (w.count == 0) return cudaSuccess;
    if (w.isDense(0) && w.isDense(1))
        return cudaMemcpyAsync(to, from, static_cast<size_t>(w.count) * elementBytes, cudaMemcpyDeviceToDevice, stream);
    return dispatchSize(elementBytes, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        auto* y = static_cast<T*>(to);
        const auto* x = static_cast<const T*>(from);
        const int across = transposedLoop(w);
        if (across != 0) {
            const TilePlan p = planTiles(w, across);
            const dim3 grid(static_cast<unsigned>(p.tiles), static_cast<unsigned>(p.batch.count < 65535 ? p.batch.count : 65535));
            transposeKernel<T><<<grid, dim3(kTile, kTileRows), 0, stream>>>(p, y, x);
        } else {
            withIndex(w,
                      [&](auto index) { copyKernel<T, decltype(index)><<<blocksFor(w.count), kThreads, 0, stream>>>(w, y, x); });
        }
        return cudaGetLastError();
    });
}

cudaError_t fill(void* to, int64_t count, int elementBytes, const void* value, cudaStream_t stream) {
    if (count == 0) return cudaSuccess;
    if (value == nullptr) return cudaMemsetAsync(to, 0, static_cast<size_t>(count) * elementBytes, stream);
    return dispatchSize(elementBytes, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        fillKernel<T><<<blocksFor(count), kThreads, 0, stream>>>(static_cast<T*>(to), count, static_cast<const T*>(value));
        return cudaGetLastError();
    });
}

cudaError_t gather(const GatherShape& shape, int elementBytes, void* to, const void* from, const void* indices,
                   bool indicesAre64Bit, cudaStream_t stream) {
    GatherShape s = shape;
    if (s.outer * s.indexCount * s.inner == 0) return cudaSuccess;
    return dispatchSize(widened(elementBytes, s.inner, to, from), [&](auto tag) {
        using T = typename decltype(tag)::Type;
        const int64_t count = s.outer * s.indexCount * s.inner;
        auto* y = static_cast<T*>(to);
        const auto* x = static_cast<const T*>(from);
        if (indicesAre64Bit)
            gatherKernel<<<blocksFor(count), kThreads, 0, stream>>>(s, count, y, x, static_cast<const int64_t*>(indices));
        else gatherKernel<<<blocksFor(count), kThreads, 0, stream>>>(s, count, y, x, static_cast<const int32_t*>(indices));
        return cudaGetLastError();
    });
}

cudaError_t reformat(int64_t batch, int64_t channels, int64_t paddedChannels, int64_t space, const ImageLayout& toLayout,
                     const ImageLayout& fromLayout, int elementBytes, void* to, const void* from, cudaStream_t stream) {
    ReformatPlan p{channels, space, batch * paddedChannels * space, {}, toLayout, fromLayout};
    if (p.count == 0) return cudaSuccess;
    const int64_t block = toLayout.block;
    p.order.enclose(block, {0, 1, 0});
    p.order.enclose(space, {0, 0, 1});
    p.order.enclose((paddedChannels + block - 1) / block, {0, block, 0});
    p.order.enclose(batch, {1, 0, 0});
    return dispatchSize(elementBytes, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        reformatKernel<T><<<blocksFor(p.count), kThreads, 0, stream>>>(p, static_cast<T*>(to), static_cast<const T*>(from));
        return cudaGetLastError();
    });
}

}  // namespace tenon::cuda
