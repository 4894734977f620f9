// Kernels over sliding windows and sampled positions.
#pragma once

#include <cuda_runtime_api.h>
#include <tenon/abi/types.h>

#include <cstdint>

namespace tenon::cuda {

constexpr int kSpatial = 3;  // spatial axes that kernels know; unused ones come first and have extent 1

enum class PoolOp : int32_t { average, max };

struct PoolShape {
    int64_t batch, channels;
    int64_t in[kSpatial], out[kSpatial], kernel[kSpatial], stride[kSpatial], dilation[kSpatial], padBegin[kSpatial],
        padEnd[kSpatial];
    bool channelsLast;  // else linear
    bool countPadding;  // average: padding counts as elements
};
// Types: floating-point.
cudaError_t pool(PoolOp op, abi::DataType type, const PoolShape& shape, const void* x, void* y, cudaStream_t stream);

// Convolution, one thread an output: good for depthwise ones. Weights [channels][inputChannels / groups][kernel...], linear.
// bias may be null.
struct ConvolutionShape {
    PoolShape window;  // window.channels: output channels
    int64_t inputChannels, groups;
};
cudaError_t convolve(abi::DataType type, const ConvolutionShape& shape, const void* x, const void* weights, const void* bias,
                     void* y, cudaStream_t stream);

// How an output coordinate becomes an input coordinate (ONNX Resize).
enum class CoordinateMode : int32_t { alignCorners, asymmetric, halfPixel, halfPixelSymmetric, pytorchHalfPixel };
enum class NearestMode : int32_t { ceil, floor, roundPreferCeil, roundPreferFloor };

struct ResizeAxis {
    int64_t in, out;  // extents
    int64_t step;     // elements between neighbours in x
    double scale;     // out / in as the operator gives it
    double length;    // in * scale, before it was rounded to `out`
};
constexpr int kResizeAxes = 5;
struct ResizeShape {
    int rank;  // axes in the memory order of y, innermost first
    ResizeAxis axis[kResizeAxes];
    CoordinateMode coordinates;
    NearestMode nearest;
    bool isLinear;
};
cudaError_t resize(abi::DataType type, const ResizeShape& shape, const void* x, void* y, cudaStream_t stream);

}  // namespace tenon::cuda
