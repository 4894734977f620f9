// y = f(x): one functor an operator, one kernel template for all.
#include "pointwise.h"

#include "device_math.cuh"

#include <type_traits>

namespace tenon::cuda {

namespace {
struct Parameters {
    float alpha, beta;
};

#define TENON_UNARY(name, expression)                                   \
    struct name {                                                       \
        template <class C>                                              \
        static __device__ C apply(C v, [[maybe_unused]] Parameters p) { \
            return C(expression);                                       \
        }                                                               \
    };
template <class C>
__device__ C sigmoidOf(C v) {
    return C(1) / (C(1) + exp(-v));
}
template <class C>
__device__ C softplusOf(C v) {
    return (v > C(0) ? v : C(0)) + log1p(exp(-fabs(v)));
}
template <class C>
__device__ C clampUnit(C v) {
    return v < C(0) ? C(0) : v > C(1) ? C(1) : v;
}
// Integers wrap: the most negative one is its own negative.
template <class C>
__device__ C negated(C v) {
    if constexpr (std::is_integral_v<C>) return static_cast<C>(0ULL - static_cast<unsigned long long>(v));
    else return -v;
}
template <class C>
__device__ C magnitude(C v) {
    if constexpr (std::is_integral_v<C>) return v < 0 ? negated(v) : v;
    else return fabs(v);
}
TENON_UNARY(Abs, magnitude(v))
TENON_UNARY(Acos, acos(v))
TENON_UNARY(Acosh, acosh(v))
TENON_UNARY(Asin, asin(v))
TENON_UNARY(Asinh, asinh(v))
TENON_UNARY(Atan, atan(v))
TENON_UNARY(Atanh, atanh(v))
TENON_UNARY(Ceil, ceil(v))
TENON_UNARY(Celu, (v > C(0) ? v : C(0)) + fmin(C(0), C(p.alpha) * expm1(v / C(p.alpha))))
TENON_UNARY(Cos, cos(v))
TENON_UNARY(Cosh, cosh(v))
TENON_UNARY(Elu, v < C(0) ? C(p.alpha) * expm1(v) : v)
TENON_UNARY(Erf, erf(v))
TENON_UNARY(Exp, exp(v))
TENON_UNARY(Floor, floor(v))
TENON_UNARY(Gelu, C(0.5) * v * (C(1) + erf(v * C(0.70710678118654752440))))
TENON_UNARY(GeluTanh, C(0.5) * v * (C(1) + tanh(C(0.79788456080286535588) * (v + C(0.044715) * v * v * v))))
TENON_UNARY(HardSigmoid, clampUnit(C(p.alpha) * v + C(p.beta)))
TENON_UNARY(HardSwish, v* clampUnit(v / C(6) + C(0.5)))
TENON_UNARY(LeakyRelu, v < C(0) ? C(p.alpha) * v : v)
TENON_UNARY(Log, log(v))
TENON_UNARY(Mish, v* tanh(softplusOf(v)))
TENON_UNARY(Neg, negated(v))
TENON_UNARY(Reciprocal, C(1) / v)
TENON_UNARY(Relu, v < C(0) ? C(0) : v)
TENON_UNARY(Round, rint(v))
TENON_UNARY(Selu, C(p.beta) * (v > C(0) ? v : C(p.alpha) * expm1(v)))
TENON_UNARY(Shrink, v<C(-p.alpha) ? v + C(p.beta) : v> C(p.alpha) ? v - C(p.beta) : C(0))
TENON_UNARY(Sigmoid, sigmoidOf(v))
TENON_UNARY(Sign, v > C(0) ? C(1) : v < C(0) ? C(-1) : v)
TENON_UNARY(Sin, sin(v))
TENON_UNARY(Sinh, sinh(v))
TENON_UNARY(Softplus, softplusOf(v))
TENON_UNARY(Softsign, v / (C(1) + fabs(v)))
TENON_UNARY(Sqrt, sqrt(v))
TENON_UNARY(Swish, v* sigmoidOf(C(p.alpha) * v))
TENON_UNARY(Tan, tan(v))
TENON_UNARY(Tanh, tanh(v))
TENON_UNARY(ThresholdedRelu, v > C(p.alpha) ? v : C(0))
#undef TENON_UNARY

template <class F, class T>
__global__ void unaryKernel(int64_t packs, int64_t count, const T* x, T* y, Parameters p) {
    constexpr int kCount = Pack<T>::kCount;
    const auto* in = reinterpret_cast<const Pack<T>*>(x);
    auto* out = reinterpret_cast<Pack<T>*>(y);
    for (auto i = firstStep<int64_t>(); i < packs; i += nextStep<int64_t>()) {
        Pack<T> v = in[i];
#pragma unroll
        for (int k = 0; k < kCount; ++k)
            v.v[k] = T(F::apply(load(v.v[k]), p));
        out[i] = v;
    }
    for (auto i = packs * kCount + firstStep<int64_t>(); i < count; i += nextStep<int64_t>())
        y[i] = T(F::apply(load(x[i]), p));
}

struct UnaryCall {
    abi::DataType type;
    int64_t count;
    const void* x;
    void* y;
    Parameters parameters;
    cudaStream_t stream;

    template <class F, class T>
    cudaError_t launch() const {
        constexpr int kCount = Pack<T>::kCount;
        const int64_t packs = isPackAligned(x) && isPackAligned(y) ? count / kCount : 0;
        const int64_t steps = packs > 0 ? packs : count;
        unaryKernel<F, T>
            <<<blocksFor(steps), kThreads, 0, stream>>>(packs, count, static_cast<const T*>(x), static_cast<T*>(y), parameters);
        return cudaGetLastError();
    }
    template <class F>
    cudaError_t floats() const {
        return dispatchFloats(type, [&](auto tag) { return launch<F, typename decltype(tag)::Type>(); });
    }
    template <class F>
    cudaError_t numbers() const {
        return dispatchNumbers(type, [&](auto tag) { return launch<F, typename decltype(tag)::Type>(); });
    }
};
}  // namespace

cudaError_t unary(UnaryOp op, abi::DataType type, int64_t count, const void* x, void* y, float alpha, float beta,
                  cudaStream_t stream) {
    if (count == 0) return cudaSuccess;
    const UnaryCall call{type, count, x, y, {alpha, beta}, stream};
    switch (op) {
        case UnaryOp::abs: return call.numbers<Abs>();
        case UnaryOp::acos: return call.floats<Acos>();
        case UnaryOp::acosh: return call.floats<Acosh>();
        case UnaryOp::asin: return call.floats<Asin>();
        case UnaryOp::asinh: return call.floats<Asinh>();
        case UnaryOp::atan: return call.floats<Atan>();
        case UnaryOp::atanh: return call.floats<Atanh>();
        case UnaryOp::ceil: return call.floats<Ceil>();
        case UnaryOp::celu: return call.floats<Celu>();
        case UnaryOp::cos: return call.floats<Cos>();
        case UnaryOp::cosh: return call.floats<Cosh>();
        case UnaryOp::elu: return call.floats<Elu>();
        case UnaryOp::erf: return call.floats<Erf>();
        case UnaryOp::exp: return call.floats<Exp>();
        case UnaryOp::floor: return call.floats<Floor>();
        case UnaryOp::gelu: return call.floats<Gelu>();
        case UnaryOp::geluTanh: return call.floats<GeluTanh>();
        case UnaryOp::hardSigmoid: return call.floats<HardSigmoid>();
        case UnaryOp::hardSwish: return call.floats<HardSwish>();
        case UnaryOp::leakyRelu: return call.floats<LeakyRelu>();
        case UnaryOp::log: return call.floats<Log>();
        case UnaryOp::mish: return call.floats<Mish>();
        case UnaryOp::neg: return call.numbers<Neg>();
        case UnaryOp::reciprocal: return call.floats<Reciprocal>();
        case UnaryOp::relu: return call.numbers<Relu>();
        case UnaryOp::round: return call.floats<Round>();
        case UnaryOp::selu: return call.floats<Selu>();
        case UnaryOp::shrink: return call.floats<Shrink>();
        case UnaryOp::sigmoid: return call.floats<Sigmoid>();
        case UnaryOp::sign: return call.numbers<Sign>();
        case UnaryOp::sin: return call.floats<Sin>();
        case UnaryOp::sinh: return call.floats<Sinh>();
        case UnaryOp::softplus: return call.floats<Softplus>();
        case UnaryOp::softsign: return call.floats<Softsign>();
        case UnaryOp::sqrt: return call.floats<Sqrt>();
        case UnaryOp::swish: return call.floats<Swish>();
        case UnaryOp::tan: return call.floats<Tan>();
        case UnaryOp::tanh: return call.floats<Tanh>();
        case UnaryOp::thresholdedRelu: return call.floats<ThresholdedRelu>();
    }
    return cudaErrorInvalidValue;
}

}  // namespace tenon::cuda
