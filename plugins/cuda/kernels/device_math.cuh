// Element types on the device, and how kernels are launched.
#pragma once

#include "walk.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>
#include <tenon/abi/types.h>

namespace tenon::cuda {

using Half = __half;
using BFloat = __nv_bfloat16;

// The type to compute in: float for the 16-bit floats, else T.
template <class T>
struct ComputeOf {
    using Type = T;
};
template <>
struct ComputeOf<Half> {
    using Type = float;
};
template <>
struct ComputeOf<BFloat> {
    using Type = float;
};
template <class T>
using Compute = typename ComputeOf<T>::Type;

template <class T>
__device__ Compute<T> load(const T& v) {
    return static_cast<Compute<T>>(v);
}

template <class T>
struct TypeTag {
    using Type = T;
};

// Calls body(TypeTag<T>) with the floating-point type of this code.
template <class F>
cudaError_t dispatchFloats(abi::DataType type, F&& body) {
    switch (type) {
        case abi::DataType::f32: return body(TypeTag<float>{});
        case abi::DataType::f16: return body(TypeTag<Half>{});
        case abi::DataType::bf16: return body(TypeTag<BFloat>{});
        case abi::DataType::f64: return body(TypeTag<double>{});
        default: return cudaErrorInvalidValue;
    }
}
// ... and with int32 and int64.
template <class F>
cudaError_t dispatchNumbers(abi::DataType type, F&& body) {
    switch (type) {
        case abi::DataType::i32: return body(TypeTag<int32_t>{});
        case abi::DataType::i64: return body(TypeTag<int64_t>{});
        default: return dispatchFloats(type, body);
    }
}
// ... with an unsigned type of this many bytes: for kernels that only move elements.
template <class F>
cudaError_t dispatchSize(int bytes, F&& body) {
    switch (bytes) {
        case 1: return body(TypeTag<uint8_t>{});
        case 2: return body(TypeTag<uint16_t>{});
        case 4: return body(TypeTag<uint32_t>{});
        case 8: return body(TypeTag<uint64_t>{});
        case 16: return body(TypeTag<uint4>{});
        default: return cudaErrorInvalidValue;
    }
}

constexpr int kThreads = 256;
constexpr int64_t kMostBlocks = 132 * 32;  // kernels loop over the rest

inline unsigned blocksFor(int64_t steps, int64_t perBlock = kThreads) {
    const int64_t blocks = (steps + perBlock - 1) / perBlock;
    return static_cast<unsigned>(blocks < kMostBlocks ? blocks : kMostBlocks);
}

// First step of this thread, and how far the next one is.
template <class I>
__device__ I firstStep() {
    return static_cast<I>(blockIdx.x) * static_cast<I>(blockDim.x) + static_cast<I>(threadIdx.x);
}
template <class I>
__device__ I nextStep() {
    return static_cast<I>(gridDim.x) * static_cast<I>(blockDim.x);
}

// Offsets of step i in each tensor.
template <class I, int N>
__device__ void locate(const Walk<N>& w, int64_t step, I (&at)[N]) {
    I i = static_cast<I>(step);
#pragma unroll
    for (int k = 0; k < N; ++k)
        at[k] = 0;
    for (int d = 0; d < w.rank; ++d) {
        const I size = static_cast<I>(w.extent[d]);
        const I q = d + 1 < w.rank ? i / size : 0;
        const I c = i - q * size;
        i = q;
#pragma unroll
        for (int k = 0; k < N; ++k)
            at[k] += c * static_cast<I>(w.stride[k][d]);
    }
}

// Calls body(int32_t{}) or body(int64_t{}): the type that offsets need.
template <int N, class F>
void withIndex(const Walk<N>& w, F&& body) {
    if (w.isSmall()) body(int32_t{});
    else body(int64_t{});
}

// ... for offsets below count.
template <class F>
void withIndex(int64_t count, F&& body) {
    if (count < (int64_t{1} << 31)) body(int32_t{});
    else body(int64_t{});
}

// Channel of element i of [outer][channels][inner].
template <class I>
__device__ I channelOf(I i, I channels, I inner) {
    return (inner == 1 ? i : i / inner) % channels;
}

// 16 bytes of elements, moved at once.
template <class T>
struct alignas(16) Pack {
    static constexpr int kCount = 16 / sizeof(T);
    T v[kCount];
};
inline bool isPackAligned(const void* p) { return (reinterpret_cast<uintptr_t>(p) & 15U) == 0; }

}  // namespace tenon::cuda
