// Kernels that only move elements.
#pragma once

#include "walk.h"

#include <cuda_runtime_api.h>

namespace tenon::cuda {

// Whether the device can run this library's kernels at all.
cudaError_t probeKernels();

// to[walk offset 0] = from[walk offset 1], elements of 1, 2, 4, 8 or 16 bytes.
cudaError_t copyStrided(const Walk<2>& walk, int elementBytes, void* to, const void* from, cudaStream_t stream);

// to[0, count) = *value, or zero bytes when value is null; value is in device memory.
cudaError_t fill(void* to, int64_t count, int elementBytes, const void* value, cudaStream_t stream);

// to[o][j][i] = from[o][indices[j]][i] with `axisSize` entries along the gathered axis. A negative index counts from the end; one
// outside reads as zero bytes.
struct GatherShape {
    int64_t outer, axisSize, indexCount, inner;
};
cudaError_t gather(const GatherShape& shape, int elementBytes, void* to, const void* from, const void* indices,
                   bool indicesAre64Bit, cudaStream_t stream);

// One image layout: element (n, c, s) of N x C x S lies at n * batch + (c / block) * outer + s * space + c % block.
struct ImageLayout {
    int64_t batch, outer, space, block;
};
// Between any two image layouts. `paddedChannels`: channels to write, those from C on as zeros.
cudaError_t reformat(int64_t batch, int64_t channels, int64_t paddedChannels, int64_t space, const ImageLayout& toLayout,
                     const ImageLayout& fromLayout, int elementBytes, void* to, const void* from, cudaStream_t stream);

}  // namespace tenon::cuda
