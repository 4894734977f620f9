// y = f(a, b) with broadcasting: one functor an operator, one kernel template for all.
#include "pointwise.h"

#include "device_math.cuh"

#include <type_traits>

namespace tenon::cuda {

namespace {
// Integers wrap: they are added and multiplied as unsigned numbers.
template <class C>
struct WrapOf {
    using Type = C;
};
template <>
struct WrapOf<int32_t> {
    using Type = uint32_t;
};
template <>
struct WrapOf<int64_t> {
    using Type = uint64_t;
};
template <class C>
using Wrap = typename WrapOf<C>::Type;

// Rounded towards zero; 0 where b is 0.
template <class C>
__device__ C quotient(C a, C b) {
    if constexpr (std::is_integral_v<C>) {
        if (b == 0) return 0;
        if (b == -1) return static_cast<C>(Wrap<C>(0) - Wrap<C>(a));
    }
    return a / b;
}

#define TENON_BINARY(name, expression)           \
    struct name {                                \
        template <class C>                       \
        static __device__ auto apply(C a, C b) { \
            return expression;                   \
        }                                        \
    };
TENON_BINARY(Add, static_cast<C>(Wrap<C>(a) + Wrap<C>(b)))
TENON_BINARY(Div, quotient(a, b))
TENON_BINARY(Max, a != a || a >= b ? a : b)  // NaN wins
TENON_BINARY(Min, a != a || a <= b ? a : b)
TENON_BINARY(Mod, fmod(a, b))
TENON_BINARY(Mul, static_cast<C>(Wrap<C>(a) * Wrap<C>(b)))
TENON_BINARY(Pow, pow(a, b))
TENON_BINARY(PRelu, a < C(0) ? static_cast<C>(Wrap<C>(a) * Wrap<C>(b)) : a)
TENON_BINARY(Sub, static_cast<C>(Wrap<C>(a) - Wrap<C>(b)))
TENON_BINARY(Equal, a == b)
TENON_BINARY(Greater, a > b)
TENON_BINARY(GreaterOrEqual, a >= b)
TENON_BINARY(Less, a < b)
TENON_BINARY(LessOrEqual, a <= b)
TENON_BINARY(And, a&& b)
TENON_BINARY(Or, a || b)
TENON_BINARY(Xor, a != b)
#undef TENON_BINARY

template <class F, class T, class Y>
__device__ Y combine(const T& a, const T& b) {
    return Y(F::apply(load(a), load(b)));
}

// Both inputs dense.
template <class F, class T, class Y>
__global__ void denseKernel(int64_t packs, int64_t count, const T* a, const T* b, Y* y) {
    constexpr int kCount = Pack<T>::kCount;
    const auto* pa = reinterpret_cast<const Pack<T>*>(a);
    const auto* pb = reinterpret_cast<const Pack<T>*>(b);
    for (auto i = firstStep<int64_t>(); i < packs; i += nextStep<int64_t>()) {
        const Pack<T> va = pa[i], vb = pb[i];
        if constexpr (std::is_same_v<T, Y>) {
            Pack<T> v;
#pragma unroll
            for (int k = 0; k < kCount; ++k)
                v.v[k] = combine<F, T, Y>(va.v[k], vb.v[k]);
            reinterpret_cast<Pack<T>*>(y)[i] = v;
        } else {
#pragma unroll
            for (int k = 0; k < kCount; ++k)
                y[i * kCount + k] = combine<F, T, Y>(va.v[k], vb.v[k]);
        }
    }
    for (auto i = packs * kCount + firstStep<int64_t>(); i < count; i += nextStep<int64_t>())
        y[i] = combine<F, T, Y>(a[i], b[i]);
}

template <class F, class T, class Y, class I>
__global__ void broadcastKernel(const __grid_constant__ Walk<2> w, const T* a, const T* b, Y* y) {
    for (auto i = firstStep<int64_t>(); i < w.count; i += nextStep<int64_t>()) {
        I at[2];
        locate(w, i, at);
        y[i] = combine<F, T, Y>(a[at[0]], b[at[1]]);
    }
}

template <class T, class I>
__global__ void selectKernel(const __grid_constant__ Walk<3> w, const bool* condition, const T* a, const T* b, T* y) {
    for (auto i = firstStep<int64_t>(); i < w.count; i += nextStep<int64_t>()) {
        I at[3];
        locate(w, i, at);
        y[i] = condition[at[0]] ? a[at[1]] : b[at[2]];
    }
}

template <class T, class I>
__global__ void biasKernel(int64_t count, I channels, I inner, const T* x, const T* bias, T* y) {
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>())
        y[i] = T(load(x[i]) + load(bias[channelOf(static_cast<I>(i), channels, inner)]));
}

struct BinaryCall {
    const Walk<2>& walk;
    const void* a;
    const void* b;
    void* y;
    cudaStream_t stream;

    template <class F, class T, class Y>
    cudaError_t launch() const {
        const auto* pa = static_cast<const T*>(a);
        const auto* pb = static_cast<const T*>(b);
        auto* py = static_cast<Y*>(y);
        if (walk.isDense(0) && walk.isDense(1)) {
            const bool aligned = isPackAligned(a) && isPackAligned(b) && isPackAligned(y);
            const int64_t packs = aligned ? walk.count / Pack<T>::kCount : 0;
            denseKernel<F, T, Y>
                <<<blocksFor(packs > 0 ? packs : walk.count), kThreads, 0, stream>>>(packs, walk.count, pa, pb, py);
        } else {
            withIndex(walk, [&](auto index) {
                broadcastKernel<F, T, Y, decltype(index)><<<blocksFor(walk.count), kThreads, 0, stream>>>(walk, pa, pb, py);
            });
        }
        return cudaGetLastError();
    }
    template <class F>
    cudaError_t floats(abi::DataType type) const {
        return dispatchFloats(type, [&](auto tag) { return same<F, typename decltype(tag)::Type>(); });
    }
    template <class F>
    cudaError_t numbers(abi::DataType type) const {
        return dispatchNumbers(type, [&](auto tag) { return same<F, typename decltype(tag)::Type>(); });
    }
    template <class F>
    cudaError_t compare(abi::DataType type) const {
        return dispatchNumbers(type, [&](auto tag) { return launch<F, typename decltype(tag)::Type, bool>(); });
    }
    template <class F, class T>
    cudaError_t same() const {
        return launch<F, T, T>();
    }
};
}  // namespace

cudaError_t binary(BinaryOp op, abi::DataType type, const Walk<2>& walk, const void* a, const void* b, void* y,
                   cudaStream_t stream) {
    if (walk.count == 0) return cudaSuccess;
    const BinaryCall call{walk, a, b, y, stream};
    switch (op) {
        case BinaryOp::add: return call.numbers<Add>(type);
        case BinaryOp::div: return call.numbers<Div>(type);
        case BinaryOp::max: return call.numbers<Max>(type);
        case BinaryOp::min: return call.numbers<Min>(type);
        case BinaryOp::mod: return call.floats<Mod>(type);
        case BinaryOp::mul: return call.numbers<Mul>(type);
        case BinaryOp::pow: return call.floats<Pow>(type);
        case BinaryOp::prelu: return call.numbers<PRelu>(type);
        case BinaryOp::sub: return call.numbers<Sub>(type);
        case BinaryOp::equal: return call.compare<Equal>(type);
        case BinaryOp::greater: return call.compare<Greater>(type);
        case BinaryOp::greaterOrEqual: return call.compare<GreaterOrEqual>(type);
        case BinaryOp::less: return call.compare<Less>(type);
        case BinaryOp::lessOrEqual: return call.compare<LessOrEqual>(type);
    }
    return cudaErrorInvalidValue;
}

cudaError_t logical(LogicalOp op, const Walk<2>& walk, const void* a, const void* b, void* y, cudaStream_t stream) {
    if (walk.count == 0) return cudaSuccess;
    const BinaryCall call{walk, a, b, y, stream};
    switch (op) {
        case LogicalOp::both: return call.launch<And, bool, bool>();
        case LogicalOp::either: return call.launch<Or, bool, bool>();
        case LogicalOp::differ: return call.launch<Xor, bool, bool>();
    }
    return cudaErrorInvalidValue;
}

cudaError_t select(const Walk<3>& walk, int elementBytes, const void* condition, const void* a, const void* b, void* y,
                   cudaStream_t stream) {
    if (walk.count == 0) return cudaSuccess;
    return dispatchSize(elementBytes, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        withIndex(walk, [&](auto index) {
            selectKernel<T, decltype(index)><<<blocksFor(walk.count), kThreads, 0, stream>>>(
                walk, static_cast<const bool*>(condition), static_cast<const T*>(a), static_cast<const T*>(b),
                static_cast<T*>(y));
        });
        return cudaGetLastError();
    });
}

cudaError_t addBias(abi::DataType type, int64_t outer, int64_t channels, int64_t inner, const void* x, const void* bias, void* y,
                    cudaStream_t stream) {
    const int64_t count = outer * channels * inner;
    if (count == 0) return cudaSuccess;
    return dispatchFloats(type, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        withIndex(count, [&](auto index) {
            using I = decltype(index);
            biasKernel<<<blocksFor(count), kThreads, 0, stream>>>(count, static_cast<I>(channels), static_cast<I>(inner),
                                                                  static_cast<const T*>(x), static_cast<const T*>(bias),
                                                                  static_cast<T*>(y));
        });
        return cudaGetLastError();
    });
}

}  // namespace tenon::cuda
