// Reductions: one functor an operator, one kernel template for all.
#include "reduce.h"

#include "lanes.cuh"

namespace tenon::cuda {

namespace {
// Sums and products of integers wrap, so they are taken of unsigned numbers.
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

__device__ float lowest(float) { return -INFINITY; }
__device__ double lowest(double) { return -static_cast<double>(INFINITY); }
__device__ int32_t lowest(int32_t) { return INT32_MIN; }
__device__ int64_t lowest(int64_t) { return INT64_MIN; }
__device__ float highest(float) { return INFINITY; }
__device__ double highest(double) { return static_cast<double>(INFINITY); }
__device__ int32_t highest(int32_t) { return INT32_MAX; }
__device__ int64_t highest(int64_t) { return INT64_MAX; }

// A reduction over elements of compute type C: the state's type, its neutral element, the state of one element, merge, and what
// becomes of the state of n elements.
template <class C>
struct Adding {
    using State = Wrap<C>;
    static __device__ State neutral() { return State(0); }
    static __device__ State value(C v) { return static_cast<State>(v); }
    static __device__ State merge(State a, State b) { return a + b; }
    static __device__ C finish(State s, int64_t) { return static_cast<C>(s); }
};
template <class C>
struct Sum : Adding<C> {};
template <class C>
struct Mean : Adding<C> {
    static __device__ C finish(C s, int64_t n) { return s / static_cast<C>(n); }
};
template <class C>
struct L1 : Adding<C> {
    static __device__ C value(C v) { return fabs(v); }
};
template <class C>
struct SumSquare : Adding<C> {
    static __device__ C value(C v) { return v * v; }
};
template <class C>
struct L2 : SumSquare<C> {
    static __device__ C finish(C s, int64_t) { return sqrt(s); }
};
template <class C>
struct LogSum : Adding<C> {
    static __device__ C finish(C s, int64_t) { return log(s); }
};
template <class C>
struct Prod : Adding<C> {
    using State = Wrap<C>;
    static __device__ State neutral() { return State(1); }
    static __device__ State merge(State a, State b) { return a * b; }
};
template <class C>
struct Max {
    using State = C;
    static __device__ C neutral() { return lowest(C{}); }
    static __device__ C value(C v) { return v; }
    static __device__ C merge(C a, C b) { return a != a || a >= b ? a : b; }  // NaN wins
    static __device__ C finish(C s, int64_t) { return s; }
};
template <class C>
struct Min : Max<C> {
    static __device__ C neutral() { return highest(C{}); }
    static __device__ C merge(C a, C b) { return a != a || a <= b ? a : b; }
};
// The largest element so far, and the sum of exp(v - largest).
template <class C>
struct LogSumExp {
    struct State {
        C largest, sum;
    };
    static __device__ State neutral() { return {lowest(C{}), C(0)}; }
    static __device__ State value(C v) { return {v, C(1)}; }
    static __device__ State merge(State a, State b) {
        const C m = Max<C>::merge(a.largest, b.largest);
        return {m, scaled(a, m) + scaled(b, m)};
    }
    static __device__ C finish(State s, int64_t) { return log(s.sum) + s.largest; }

private:
    // Without infinity - infinity.
    static __device__ C scaled(State s, C m) { return s.largest == m ? s.sum : s.sum * exp(s.largest - m); }
};

template <class F, class T, class I>
__global__ void reduceKernel(const __grid_constant__ Walk<1> kept, const __grid_constant__ Walk<1> reduced, Lanes lanes,
                             const T* x, T* y) {
    using State = typename F::State;
    __shared__ State shared[kThreads];
    const int64_t step = static_cast<int64_t>(gridDim.x) * lanes.groups();
    for (int64_t first = static_cast<int64_t>(blockIdx.x) * lanes.groups(); first < kept.count; first += step) {
        const int64_t output = first + lanes.group();
        State state = F::neutral();
        if (output < kept.count) {
            I base[1], at[1];
            locate(kept, output, base);
            for (int64_t r = lanes.lane(); r < reduced.count; r += lanes.lanes) {
                locate(reduced, r, at);
                state = F::merge(state, F::value(load(x[base[0] + at[0]])));
            }
        }
        state = mergeLanes(lanes, state, shared, F::merge);
        if (output < kept.count && lanes.lane() == 0) y[output] = T(F::finish(state, reduced.count));
    }
}

template <class C>
struct Found {
    C value;
    int64_t index;
};
// The one of two candidates that is kept; index -1 is none. NaN wins over every number.
template <class C>
struct Extreme {
    bool largest, last;
    __device__ Found<C> operator()(const Found<C>& a, const Found<C>& b) const {
        if (a.index < 0 || b.index < 0) return a.index < 0 ? b : a;
        const bool aIsNan = a.value != a.value, bIsNan = b.value != b.value;
        if (a.value == b.value || (aIsNan && bIsNan)) return (a.index > b.index) == last ? a : b;
        if (aIsNan || bIsNan) return aIsNan ? a : b;
        return (a.value > b.value) == largest ? a : b;
    }
};

template <class T>
__global__ void argKernel(Extreme<Compute<T>> extreme, Lanes lanes, int64_t outer, int64_t axis, int64_t inner, const T* x,
                          int64_t* y) {
    __shared__ Found<Compute<T>> shared[kThreads];
    const int64_t step = static_cast<int64_t>(gridDim.x) * lanes.groups();
    for (int64_t first = static_cast<int64_t>(blockIdx.x) * lanes.groups(); first < outer * inner; first += step) {
        const int64_t output = first + lanes.group();
        Found<Compute<T>> found{Compute<T>(0), -1};
        if (output < outer * inner)
            for (int64_t j = lanes.lane(); j < axis; j += lanes.lanes)
                found = extreme(found, {load(x[(output / inner * axis + j) * inner + output % inner]), j});
        found = mergeLanes(lanes, found, shared, extreme);
        if (output < outer * inner && lanes.lane() == 0) y[output] = found.index;
    }
}

struct ReduceCall {
    const Walk<1>& kept;
    const Walk<1>& reduced;
    const void* x;
    void* y;
    cudaStream_t stream;

    template <template <class> class F, class T>
    cudaError_t launch() const {
        const Lanes lanes = chooseLanes(kept.count, reduced.count, reduced.rank > 0 && reduced.stride[0][0] == 1);
        const unsigned blocks = blocksFor(kept.count, lanes.groups());
        const auto* in = static_cast<const T*>(x);
        auto* out = static_cast<T*>(y);
        if (kept.isSmall() && reduced.isSmall())
            reduceKernel<F<Compute<T>>, T, int32_t><<<blocks, kThreads, 0, stream>>>(kept, reduced, lanes, in, out);
        else reduceKernel<F<Compute<T>>, T, int64_t><<<blocks, kThreads, 0, stream>>>(kept, reduced, lanes, in, out);
        return cudaGetLastError();
    }
    template <template <class> class F>
    cudaError_t floats(abi::DataType type) const {
        return dispatchFloats(type, [&](auto tag) { return launch<F, typename decltype(tag)::Type>(); });
    }
    template <template <class> class F>
    cudaError_t numbers(abi::DataType type) const {
        return dispatchNumbers(type, [&](auto tag) { return launch<F, typename decltype(tag)::Type>(); });
    }
};
}  // namespace

cudaError_t reduce(ReduceOp op, abi::DataType type, const Walk<1>& kept, const Walk<1>& reduced, const void* x, void* y,
                   cudaStream_t stream) {
    if (kept.count == 0) return cudaSuccess;
    const ReduceCall call{kept, reduced, x, y, stream};
    switch (op) {
        case ReduceOp::l1: return call.floats<L1>(type);
        case ReduceOp::l2: return call.floats<L2>(type);
        case ReduceOp::logSum: return call.floats<LogSum>(type);
        case ReduceOp::logSumExp: return call.floats<LogSumExp>(type);
        case ReduceOp::max: return call.numbers<Max>(type);
        case ReduceOp::mean: return call.floats<Mean>(type);
        case ReduceOp::min: return call.numbers<Min>(type);
        case ReduceOp::prod: return call.numbers<Prod>(type);
        case ReduceOp::sum: return call.numbers<Sum>(type);
        case ReduceOp::sumSquare: return call.floats<SumSquare>(type);
    }
    return cudaErrorInvalidValue;
}

cudaError_t argExtreme(bool largest, bool last, abi::DataType type, int64_t outer, int64_t axis, int64_t inner, const void* x,
                       int64_t* y, cudaStream_t stream) {
    if (outer * inner == 0) return cudaSuccess;
    return dispatchNumbers(type, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        const Lanes lanes = chooseLanes(outer * inner, axis, inner == 1);
        argKernel<<<blocksFor(outer * inner, lanes.groups()), kThreads, 0, stream>>>(
            Extreme<Compute<T>>{largest, last}, lanes, outer, axis, inner, static_cast<const T*>(x), y);
        return cudaGetLastError();
    });
}

}  // namespace tenon::cuda
