// Sliding windows: pooling and direct convolution, one thread an output.
#include "pool.h"

#include "device_math.cuh"

namespace tenon::cuda {

namespace {
// One output element: its place, and the first input position of its window on each axis.
template <class I>
struct Window {
    I n, c;
    I start[kSpatial];
};

template <class I>
__device__ Window<I> windowOf(const PoolShape& s, I i) {
    Window<I> w;
    const auto take = [&i](int64_t size) {
        const I q = i / static_cast<I>(size), r = i - q * static_cast<I>(size);
        i = q;
        return r;
    };
    if (s.channelsLast) w.c = take(s.channels);
#pragma unroll
    for (int d = kSpatial; d-- > 0;)
        w.start[d] = take(s.out[d]) * static_cast<I>(s.stride[d]) - static_cast<I>(s.padBegin[d]);
    if (!s.channelsLast) w.c = take(s.channels);
    w.n = i;
    return w;
}

// Calls body(offset within the window, input offset within image and channel) for every position inside the input.
template <class I, class F>
__device__ void forWindow(const PoolShape& s, const Window<I>& w, F&& body) {
    const I k0 = s.kernel[0], k1 = s.kernel[1], k2 = s.kernel[2];
    for (I a = 0; a < k0; ++a) {
        const I p = w.start[0] + a * static_cast<I>(s.dilation[0]);
        if (p < 0 || p >= s.in[0]) continue;
        for (I b = 0; b < k1; ++b) {
            const I q = w.start[1] + b * static_cast<I>(s.dilation[1]);
            if (q < 0 || q >= s.in[1]) continue;
            for (I c = 0; c < k2; ++c) {
                const I r = w.start[2] + c * static_cast<I>(s.dilation[2]);
                if (r >= 0 && r < s.in[2])
                    body((a * k1 + b) * k2 + c, (p * static_cast<I>(s.in[1]) + q) * static_cast<I>(s.in[2]) + r);
            }
        }
    }
}

// Positions of the window on one axis that lie before the end of the padded input.
template <class I>
__device__ I paddedCount(const PoolShape& s, const Window<I>& w, int d) {
    I count = 0;
    for (I k = 0; k < s.kernel[d]; ++k)
        count += w.start[d] + k * static_cast<I>(s.dilation[d]) < s.in[d] + s.padEnd[d] ? 1 : 0;
    return count;
}

struct Max {
    template <class C>
    static __device__ C neutral() {
        return -static_cast<C>(INFINITY);
    }
    template <class C>
    static __device__ C merge(C a, C b) {
        return a != a || a >= b ? a : b;  // NaN wins
    }
    template <class C, class I>
    static __device__ C finish(C v, I, const PoolShape&, const Window<I>&) {
        return v;
    }
};
struct Average {
    template <class C>
    static __device__ C neutral() {
        return C(0);
    }
    template <class C>
    static __device__ C merge(C a, C b) {
        return a + b;
    }
    template <class C, class I>
    static __device__ C finish(C sum, I inside, const PoolShape& s, const Window<I>& w) {
        const I count = s.countPadding ? paddedCount(s, w, 0) * paddedCount(s, w, 1) * paddedCount(s, w, 2) : inside;
        return count == 0 ? C(0) : sum / static_cast<C>(count);
    }
};

// Input elements of image n, channel c: first one and the step between positions.
template <class T, class I>
__device__ const T* image(const PoolShape& s, const T* x, I n, I c, I channels) {
    const I space = static_cast<I>(s.in[0] * s.in[1] * s.in[2]);
    return s.channelsLast ? x + n * space * channels + c : x + (n * channels + c) * space;
}

template <class F, class T, class I>
__global__ void poolKernel(const __grid_constant__ PoolShape s, int64_t count, const T* x, T* y) {
    using C = Compute<T>;
    const I channels = static_cast<I>(s.channels), step = s.channelsLast ? channels : 1;
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>()) {
        const Window<I> w = windowOf(s, static_cast<I>(i));
        const T* from = image(s, x, w.n, w.c, channels);
        C value = F::template neutral<C>();
        I inside = 0;
        forWindow(s, w, [&](I, I at) {
            value = F::merge(value, load(from[at * step]));
            ++inside;
        });
        y[i] = T(F::finish(value, inside, s, w));
    }
}

template <class T, class I>
__global__ void convolveKernel(const __grid_constant__ ConvolutionShape v, int64_t count, const T* x, const T* weights,
                               const T* bias, T* y) {
    using C = Compute<T>;
    const PoolShape& s = v.window;
    const I channels = static_cast<I>(v.inputChannels), step = s.channelsLast ? channels : 1;
    const I depth = static_cast<I>(v.inputChannels / v.groups), perGroup = static_cast<I>(s.channels / v.groups);
    const I taps = static_cast<I>(s.kernel[0] * s.kernel[1] * s.kernel[2]);
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>()) {
        const Window<I> w = windowOf(s, static_cast<I>(i));
        const T* weight = weights + w.c * depth * taps;
        C sum = bias != nullptr ? load(bias[w.c]) : C(0);
        for (I c = 0; c < depth; ++c, weight += taps) {
            const T* from = image(s, x, w.n, w.c / perGroup * depth + c, channels);
            forWindow(s, w, [&](I tap, I at) { sum += load(weight[tap]) * load(from[at * step]); });
        }
        y[i] = T(sum);
    }
}

int64_t elements(const PoolShape& s, const int64_t (&space)[kSpatial], int64_t channels) {
    return s.batch * channels * space[0] * space[1] * space[2];
}
bool isSmall(const PoolShape& s, int64_t inputChannels) {
    constexpr int64_t kLimit = int64_t{1} << 31;
    bool small = elements(s, s.in, inputChannels) < kLimit && elements(s, s.out, s.channels) < kLimit;
    for (int d = 0; d < kSpatial; ++d)
        small = small && s.in[d] + s.padBegin[d] + s.padEnd[d] + s.kernel[d] * s.dilation[d] + s.out[d] * s.stride[d] < kLimit;
    return small;
}

template <class F>
cudaError_t poolWith(abi::DataType type, const PoolShape& s, const void* x, void* y, cudaStream_t stream) {
    const int64_t count = elements(s, s.out, s.channels);
    if (count == 0) return cudaSuccess;
    return dispatchFloats(type, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        const auto* in = static_cast<const T*>(x);
        auto* out = static_cast<T*>(y);
        if (isSmall(s, s.channels)) poolKernel<F, T, int32_t><<<blocksFor(count), kThreads, 0, stream>>>(s, count, in, out);
        else poolKernel<F, T, int64_t><<<blocksFor(count), kThreads, 0, stream>>>(s, count, in, out);
        return cudaGetLastError();
    });
}
}  // namespace

cudaError_t pool(PoolOp op, abi::DataType type, const PoolShape& shape, const void* x, void* y, cudaStream_t stream) {
    return op == PoolOp::max ? poolWith<Max>(type, shape, x, y, stream) : poolWith<Average>(type, shape, x, y, stream);
}

cudaError_t convolve(abi::DataType type, const ConvolutionShape& shape, const void* x, const void* weights, const void* bias,
                     void* y, cudaStream_t stream) {
    const int64_t count = elements(shape.window, shape.window.out, shape.window.channels);
    if (count == 0) return cudaSuccess;
    return dispatchFloats(type, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        const auto launch = [&](auto index) {
            convolveKernel<T, decltype(index)><<<blocksFor(count), kThreads, 0, stream>>>(
                shape, count, static_cast<const T*>(x), static_cast<const T*>(weights), static_cast<const T*>(bias),
                static_cast<T*>(y));
        };
        if (isSmall(shape.window, shape.inputChannels)) launch(int32_t{});
        else launch(int64_t{});
        return cudaGetLastError();
    });
}

}  // namespace tenon::cuda
