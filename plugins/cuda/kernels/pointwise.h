// Kernels that compute every element on its own.
#pragma once

#include "walk.h"

#include <cuda_runtime_api.h>
#include <tenon/abi/types.h>

namespace tenon::cuda {

// y = f(x). `alpha` and `beta` are the operator's parameters in the order ONNX lists them.
enum class UnaryOp : int32_t {
    abs,
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atanh,
    ceil,
    celu,
    cos,
    cosh,
    elu,
    erf,
    exp,
    floor,
    gelu,
    geluTanh,
    hardSigmoid,
    hardSwish,
    leakyRelu,
    log,
    mish,
    neg,
    reciprocal,
    relu,
    round,
    selu,
    shrink,
    sigmoid,
    sign,
    sin,
    sinh,
    softplus,
    softsign,
    sqrt,
    swish,
    tan,
    tanh,
    thresholdedRelu,
};
// Types: floating-point; int32 and int64 too for abs, neg, relu and sign.
cudaError_t unary(UnaryOp op, abi::DataType type, int64_t count, const void* x, void* y, float alpha, float beta,
                  cudaStream_t stream);

// y = min(max(x, *low), *high); a null bound is none. Bounds are in device memory. Types: floating-point, int32, int64.
cudaError_t clip(abi::DataType type, int64_t count, const void* x, const void* low, const void* high, void* y,
                 cudaStream_t stream);

// y = !x of booleans.
cudaError_t logicalNot(int64_t count, const void* x, void* y, cudaStream_t stream);

// y[i] = f(a[walk offset 0], b[walk offset 1]), y dense in the order of the walk.
enum class BinaryOp : int32_t {
    add,
    div,
    max,
    min,
    mod,
    mul,
    pow,
    prelu,
    sub,
    equal,
    greater,
    greaterOrEqual,
    less,
    lessOrEqual
};
// Types: floating-point, int32, int64; the comparisons (from `equal` on) give booleans. pow and mod: floating-point only.
cudaError_t binary(BinaryOp op, abi::DataType type, const Walk<2>& walk, const void* a, const void* b, void* y,
                   cudaStream_t stream);

enum class LogicalOp : int32_t { both, either, differ };
cudaError_t logical(LogicalOp op, const Walk<2>& walk, const void* a, const void* b, void* y, cudaStream_t stream);

// y[i] = condition[offset 0] ? a[offset 1] : b[offset 2], elements of 1, 2, 4, 8 or 16 bytes.
cudaError_t select(const Walk<3>& walk, int elementBytes, const void* condition, const void* a, const void* b, void* y,
                   cudaStream_t stream);

// y = x in another type. Types: floating-point, integers, bool. Floating-point to integer rounds towards zero and saturates; NaN
// becomes 0. Integer to narrower integer wraps.
cudaError_t cast(abi::DataType from, abi::DataType to, int64_t count, const void* x, void* y, cudaStream_t stream);

// y = x + bias[c] for tensors [outer][channels][inner]; in place is fine. Types: floating-point.
cudaError_t addBias(abi::DataType type, int64_t outer, int64_t channels, int64_t inner, const void* x, const void* bias, void* y,
                    cudaStream_t stream);

}  // namespace tenon::cuda
