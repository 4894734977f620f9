// Softmax and normalizations: groups of threads walk a row several times.
#include "lanes.cuh"
#include "reduce.h"

namespace tenon::cuda {

namespace {
template <class C>
struct Add {
    __device__ C operator()(C a, C b) const { return a + b; }
};
template <class C>
struct Larger {
    __device__ C operator()(C a, C b) const { return a != a || a >= b ? a : b; }
};

template <class T>
__global__ void softmaxKernel(bool logarithm, Lanes lanes, int64_t rows, int64_t axis, int64_t inner, const T* x, T* y) {
    using C = Compute<T>;
    __shared__ C shared[kThreads];
    const int64_t step = static_cast<int64_t>(gridDim.x) * lanes.groups();
    for (int64_t first = static_cast<int64_t>(blockIdx.x) * lanes.groups(); first < rows; first += step) {
        const int64_t row = first + lanes.group();
        const int64_t base = row / inner * axis * inner + row % inner;
        const int64_t end = row < rows ? axis : 0;
        C largest = -static_cast<C>(INFINITY), sum = 0;
        for (int64_t j = lanes.lane(); j < end; j += lanes.lanes)
            largest = Larger<C>{}(largest, load(x[base + j * inner]));
        largest = mergeLanes(lanes, largest, shared, Larger<C>{});
        for (int64_t j = lanes.lane(); j < end; j += lanes.lanes)
            sum += exp(load(x[base + j * inner]) - largest);
        sum = mergeLanes(lanes, sum, shared, Add<C>{});
        const C scale = C(1) / sum, shift = log(sum);
        for (int64_t j = lanes.lane(); j < end; j += lanes.lanes) {
            const C v = load(x[base + j * inner]) - largest;
            y[base + j * inner] = T(logarithm ? v - shift : exp(v) * scale);
        }
    }
}

template <class T>
struct NormalizeTensors {
    const T *x, *scale, *bias;
    T* y;
    float *mean, *inverseDeviation;
};

template <class T>
__global__ void normalizeKernel(NormalizeShape s, Lanes lanes, NormalizeTensors<T> t) {
    using C = Compute<T>;
    __shared__ C shared[kThreads];
    const int64_t step = static_cast<int64_t>(gridDim.x) * lanes.groups();
    for (int64_t first = static_cast<int64_t>(blockIdx.x) * lanes.groups(); first < s.rows; first += step) {
        const int64_t row = first + lanes.group();
        const int64_t end = row < s.rows ? s.length : 0;
        const T* x = t.x + row * s.length;
        C mean = 0, square = 0;
        if (s.centred) {
            for (int64_t i = lanes.lane(); i < end; i += lanes.lanes)
                mean += load(x[i]);
            mean = mergeLanes(lanes, mean, shared, Add<C>{}) / static_cast<C>(s.length);
        }
        for (int64_t i = lanes.lane(); i < end; i += lanes.lanes) {
            const C d = load(x[i]) - mean;
            square += d * d;
        }
        square = mergeLanes(lanes, square, shared, Add<C>{});
        const C inverse = C(1) / sqrt(square / static_cast<C>(s.length) + static_cast<C>(s.epsilon));
        const int64_t parameter = row % s.cycle * s.step;
        for (int64_t i = lanes.lane(); i < end; i += lanes.lanes) {
            const int64_t p = parameter + i / s.inner;
            const C v = (load(x[i]) - mean) * inverse * load(t.scale[p]);
            t.y[row * s.length + i] = T(t.bias != nullptr ? v + load(t.bias[p]) : v);
        }
        if (end == 0 || lanes.lane() != 0) continue;
        if (t.mean != nullptr) t.mean[row] = static_cast<float>(mean);
        if (t.inverseDeviation != nullptr) t.inverseDeviation[row] = static_cast<float>(inverse);
    }
}

template <class T, class P, class I>
__global__ void channelKernel(int64_t count, I channels, I inner, const T* x, ChannelParameters p, Compute<T> epsilon, T* y) {
    using C = Compute<T>;
    const auto at = [](const void* values, I c) { return static_cast<C>(load(static_cast<const P*>(values)[c])); };
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>()) {
        const I c = channelOf(static_cast<I>(i), channels, inner);
        const C scale = at(p.scale, c) / sqrt(at(p.variance, c) + epsilon);
        y[i] = T((load(x[i]) - at(p.mean, c)) * scale + at(p.bias, c));
    }
}
}  // namespace

cudaError_t softmax(bool logarithm, abi::DataType type, int64_t outer, int64_t axis, int64_t inner, const void* x, void* y,
                    cudaStream_t stream) {
    const int64_t rows = outer * inner;
    if (rows * axis == 0) return cudaSuccess;
    return dispatchFloats(type, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        const Lanes lanes = chooseLanes(rows, axis, inner == 1);
        softmaxKernel<<<blocksFor(rows, lanes.groups()), kThreads, 0, stream>>>(logarithm, lanes, rows, axis, inner,
                                                                                static_cast<const T*>(x), static_cast<T*>(y));
        return cudaGetLastError();
    });
}

cudaError_t normalize(const NormalizeShape& shape, abi::DataType type, const void* x, const void* scale, const void* bias,
                      void* y, float* mean, float* inverseDeviation, cudaStream_t stream) {
    if (shape.rows * shape.length == 0) return cudaSuccess;
    return dispatchFloats(type, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        const Lanes lanes = chooseLanes(shape.rows, shape.length, true);
        const NormalizeTensors<T> tensors{
            static_cast<const T*>(x), static_cast<const T*>(scale), static_cast<const T*>(bias), static_cast<T*>(y), mean,
            inverseDeviation};
        normalizeKernel<<<blocksFor(shape.rows, lanes.groups()), kThreads, 0, stream>>>(shape, lanes, tensors);
        return cudaGetLastError();
    });
}

cudaError_t normalizeChannels(abi::DataType type, abi::DataType paramType, int64_t outer, int64_t channels, int64_t inner,
                              const void* x, const ChannelParameters& parameters, float epsilon, void* y, cudaStream_t stream) {
    const int64_t count = outer * channels * inner;
    if (count == 0) return cudaSuccess;
    return dispatchFloats(type, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        const auto* in = static_cast<const T*>(x);
        auto* out = static_cast<T*>(y);
        const auto e = static_cast<Compute<T>>(epsilon);
        if (paramType != type && paramType != abi::DataType::f32) return cudaErrorInvalidValue;
        withIndex(count, [&](auto index) {
            using I = decltype(index);
            const auto launch = [&](auto kernel) {
                kernel<<<blocksFor(count), kThreads, 0, stream>>>(count, static_cast<I>(channels), static_cast<I>(inner), in,
                                                                  parameters, e, out);
            };
            if (paramType == type) launch(channelKernel<T, T, I>);
            else launch(channelKernel<T, float, I>);
        });
        return cudaGetLastError();
    });
}

}  // namespace tenon::cuda
