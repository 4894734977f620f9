// Kernels that reduce along axes.
#pragma once

#include "walk.h"

#include <cuda_runtime_api.h>
#include <tenon/abi/types.h>

namespace tenon::cuda {

enum class ReduceOp : int32_t { l1, l2, logSum, logSumExp, max, mean, min, prod, sum, sumSquare };

// y[i] = reduction of x at kept offset i + every reduced offset. Types: floating-point; int32 and int64 for max, min, prod and
// sum. An empty reduced walk gives the neutral element.
cudaError_t reduce(ReduceOp op, abi::DataType type, const Walk<1>& kept, const Walk<1>& reduced, const void* x, void* y,
                   cudaStream_t stream);

// y[o][i] = index of the largest (or smallest) x[o][.][i]; of equals the first, or the last. Types: floating-point, int32, int64.
cudaError_t argExtreme(bool largest, bool last, abi::DataType type, int64_t outer, int64_t axis, int64_t inner, const void* x,
                       int64_t* y, cudaStream_t stream);

// Softmax, or its logarithm, along the middle axis of [outer][axis][inner]. Types: floating-point.
cudaError_t softmax(bool logarithm, abi::DataType type, int64_t outer, int64_t axis, int64_t inner, const void* x, void* y,
                    cudaStream_t stream);

// y = (x - mean) / sqrt(variance + epsilon) * scale[p] + bias[p] over rows of `length` elements; element i of row r has parameter
// p = r % cycle * step + i / inner.
struct NormalizeShape {
    int64_t rows, length, cycle, step, inner;
    float epsilon;
    bool centred;  // false: mean is taken as 0 (root mean square)
};
// bias, mean and inverseDeviation (float, one a row) may be null. Types: floating-point.
cudaError_t normalize(const NormalizeShape& shape, abi::DataType type, const void* x, const void* scale, const void* bias,
                      void* y, float* mean, float* inverseDeviation, cudaStream_t stream);

// y = (x - mean[c]) / sqrt(variance[c] + epsilon) * scale[c] + bias[c] for [outer][channels][inner]; the parameters are of
// paramType, which is float32 or the element type.
struct ChannelParameters {
    const void *scale, *bias, *mean, *variance;
};
cudaError_t normalizeChannels(abi::DataType type, abi::DataType paramType, int64_t outer, int64_t channels, int64_t inner,
                              const void* x, const ChannelParameters& parameters, float epsilon, void* y, cudaStream_t stream);

}  // namespace tenon::cuda
