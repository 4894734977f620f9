// What operators on the device share: checked calls, the stream, memory layouts as strides.
#pragma once

#include "kernels/walk.h"

#include <cuda_runtime_api.h>
#include <tenon/sdk/sdk.h>

namespace tenon::cuda {

inline constexpr const char* kDevice = "cuda";

inline void check(cudaError_t status) {
    if (status == cudaSuccess) return;
    cudaGetLastError();  // an error that is not sticky is forgotten
    throw sdk::Error(std::string("CUDA: ") + cudaGetErrorString(status), abi::Status::deviceError);
}

inline cudaStream_t streamOf(const sdk::Launch& l) { return static_cast<cudaStream_t>(l.stream()); }

inline int elementBytes(abi::DataType type) { return sdk::elementBits(type) / 8; }

// Types of whole bytes that live in device memory.
inline constexpr sdk::TypeSet movable = sdk::fixedSize;
inline constexpr std::uint32_t kImageLayouts = sdk::layoutBit(abi::Layout::linear) | sdk::layoutBit(abi::Layout::channelsLast);

using Strides = std::array<std::int64_t, abi::kMaxRank>;

// Axes from the innermost to the outermost in memory, for linear and channels-last tensors.
inline std::vector<int> memoryOrder(const abi::TensorDesc& desc) {
    std::vector<int> axes;
    const bool channelsLast = desc.layout == abi::Layout::channelsLast;
    if (channelsLast) axes.push_back(1);
    for (int d = desc.dims.rank; d-- > 0;)
        if (!channelsLast || d != 1) axes.push_back(d);
    return axes;
}

// Elements between neighbours along each logical axis, for linear and channels-last tensors.
inline Strides stridesOf(const abi::TensorDesc& desc) {
    Strides strides{};
    std::int64_t step = 1;
    for (const int d : memoryOrder(desc)) {
        strides[static_cast<std::size_t>(d)] = step;
        step *= desc.dims.d[d];
    }
    return strides;
}

// Elements in memory, with the lanes that pad blocked layouts.
inline std::int64_t storedElements(const abi::TensorDesc& desc) {
    std::int64_t n = sdk::elementCount(desc.dims);
    const int block = sdk::blockOf(desc.layout);
    if (block != 0 && n != 0) n = n / desc.dims.d[1] * ((desc.dims.d[1] + block - 1) / block * block);
    return n;
}

// The walk over `inputs` in the memory order of y, each broadcast to its dims. Other layouts than linear: all dims are equal.
template <int N>
Walk<N> broadcastWalk(const abi::TensorDesc& y, const abi::TensorDesc* const (&inputs)[N]) {
    Walk<N> w;
    if (y.layout != abi::Layout::linear) {
        std::int64_t ones[N];
        std::fill(ones, ones + N, 1);
        w.enclose(storedElements(y), ones);
        return w;
    }
    std::int64_t step[N], dense[N];
    std::fill(dense, dense + N, 1);
    for (int back = 1; back <= y.dims.rank; ++back) {
        for (int k = 0; k < N; ++k) {
            const abi::Dims& d = inputs[k]->dims;
            const std::int64_t size = back <= d.rank ? d.d[d.rank - back] : 1;
            step[k] = size == 1 ? 0 : dense[k];
            dense[k] *= size;
        }
        w.enclose(y.dims.d[y.dims.rank - back], step);
    }
    return w;
}

// Copies the tensor's bytes unless they are in place already.
inline void copyWhole(const sdk::Launch& l, int from, int to) {
    const auto size = static_cast<std::size_t>(storedElements(l.inputDesc(from)) * elementBytes(l.inputType(from)));
    if (size == 0 || l.outputData(to) == l.inputData(from)) return;
    check(cudaMemcpyAsync(l.outputData(to), l.inputData(from), size, cudaMemcpyDeviceToDevice, streamOf(l)));
}

inline void* advance(void* p, std::int64_t elements, int bytes) { return static_cast<std::byte*>(p) + elements * bytes; }
inline const void* advance(const void* p, std::int64_t elements, int bytes) {
    return static_cast<const std::byte*>(p) + elements * bytes;
}

}  // namespace tenon::cuda
