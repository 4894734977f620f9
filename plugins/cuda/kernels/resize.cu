// Sampling a tensor at other resolutions (ONNX Resize opset 11 to 19), one thread an output.
#include "pool.h"

#include "device_math.cuh"

namespace tenon::cuda {

namespace {
__device__ double sourceCoordinate(const ResizeAxis& a, CoordinateMode mode, int64_t at) {
    const auto p = static_cast<double>(at), in = static_cast<double>(a.in), out = static_cast<double>(a.out);
    switch (mode) {
        case CoordinateMode::alignCorners: return a.length == 1.0 ? 0.0 : p * (in - 1.0) / (a.length - 1.0);
        case CoordinateMode::asymmetric: return p / a.scale;
        case CoordinateMode::halfPixel: return (p + 0.5) / a.scale - 0.5;
        case CoordinateMode::halfPixelSymmetric: return in / 2.0 * (1.0 - out / a.length) + (p + 0.5) / a.scale - 0.5;
        case CoordinateMode::pytorchHalfPixel: return a.out == 1 ? 0.0 : (p + 0.5) / a.scale - 0.5;
    }
    return 0.0;
}

__device__ int64_t clampIndex(int64_t i, int64_t size) { return i < 0 ? 0 : i >= size ? size - 1 : i; }

__device__ int64_t nearestIndex(const ResizeShape& s, const ResizeAxis& a, int64_t at) {
    if (a.in == a.out && a.scale == 1.0) return at;
    const double p = sourceCoordinate(a, s.coordinates, at);
    double rounded = 0;
    switch (s.nearest) {
        case NearestMode::ceil: rounded = ceil(p); break;
        case NearestMode::floor: rounded = floor(p); break;
        case NearestMode::roundPreferCeil: rounded = floor(p + 0.5); break;
        case NearestMode::roundPreferFloor: rounded = ceil(p - 0.5); break;
    }
    return clampIndex(static_cast<int64_t>(rounded), a.in);
}

template <class T>
__global__ void nearestKernel(const __grid_constant__ ResizeShape s, int64_t count, const T* x, T* y) {
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>()) {
        int64_t left = i, at = 0;
        for (int d = 0; d < s.rank; ++d) {
            const int64_t q = left / s.axis[d].out;
            at += nearestIndex(s, s.axis[d], left - q * s.axis[d].out) * s.axis[d].step;
            left = q;
        }
        y[i] = x[at];
    }
}

// Multilinear: the sum over the corners of the cell around the source position, axis by axis.
template <class T>
__global__ void linearKernel(const __grid_constant__ ResizeShape s, int64_t count, const T* x, T* y) {
    using C = Compute<T>;
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>()) {
        int64_t left = i, base = 0, step[kResizeAxes];
        C weight[kResizeAxes];  // of the far neighbour
        int axes = 0;
        for (int d = 0; d < s.rank; ++d) {
            const ResizeAxis& a = s.axis[d];
            const int64_t q = left / a.out, at = left - q * a.out;
            left = q;
            if (a.in == a.out && a.scale == 1.0) {
                base += at * a.step;
                continue;
            }
            const double p = sourceCoordinate(a, s.coordinates, at), low = floor(p);
            const int64_t near = clampIndex(static_cast<int64_t>(low), a.in),
                          far = clampIndex(static_cast<int64_t>(low) + 1, a.in);
            base += near * a.step;
            step[axes] = (far - near) * a.step;
            weight[axes++] = static_cast<C>(p - low);
        }
        C sum = 0;
        for (int corner = 0; corner < 1 << axes; ++corner) {
            C w = 1;
            int64_t at = base;
            for (int k = 0; k < axes; ++k) {
                const bool isFar = ((corner >> k) & 1) != 0;
                w *= isFar ? weight[k] : C(1) - weight[k];
                if (isFar) at += step[k];
            }
            if (w != C(0)) sum += w * load(x[at]);
        }
        y[i] = T(sum);
    }
}
}  // namespace

cudaError_t resize(abi::DataType type, const ResizeShape& s, const void* x, void* y, cudaStream_t stream) {
    int64_t count = 1;
    for (int d = 0; d < s.rank; ++d)
        count *= s.axis[d].out;
    if (count == 0) return cudaSuccess;
    return dispatchFloats(type, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        const auto* in = static_cast<const T*>(x);
        auto* out = static_cast<T*>(y);
        if (s.isLinear) linearKernel<<<blocksFor(count), kThreads, 0, stream>>>(s, count, in, out);
        else nearestKernel<<<blocksFor(count), kThreads, 0, stream>>>(s, count, in, out);
        return cudaGetLastError();
    });
}

}  // namespace tenon::cuda
