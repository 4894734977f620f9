// Conversions of elements: casts, clipping, negation of booleans.
#include "pointwise.h"

#include "device_math.cuh"

#include <type_traits>

namespace tenon::cuda {

namespace {
template <class To, class From>
__device__ To converted(const From& value) {
    const auto v = load(value);
    using V = std::remove_const_t<decltype(v)>;
    if constexpr (std::is_same_v<To, bool>) return v != V(0);
    else if constexpr (std::is_integral_v<To> && std::is_floating_point_v<V>) {
        constexpr bool kSigned = static_cast<To>(-1) < To(0);
        constexpr To kHigh = static_cast<To>(~uint64_t{0} >> (64 - 8 * sizeof(To) + (kSigned ? 1 : 0)));
        constexpr To kLow = kSigned ? static_cast<To>(-kHigh - 1) : To(0);
        if (v != v) return To(0);
        if (v <= static_cast<V>(kLow)) return kLow;
        return v >= static_cast<V>(kHigh) ? kHigh : static_cast<To>(v);
    } else if constexpr ((std::is_same_v<To, Half> || std::is_same_v<To, BFloat>)&&!std::is_same_v<V, double>) {
        return To(static_cast<float>(v));
    } else return To(v);
}

// The source type is a uniform branch: one kernel a destination type.
template <class To>
__device__ To loadAs(abi::DataType type, const void* x, int64_t i) {
    using abi::DataType;
    const auto at = [&](auto tag) { return converted<To>(static_cast<const typename decltype(tag)::Type*>(x)[i]); };
    switch (type) {
        case DataType::f32: return at(TypeTag<float>{});
        case DataType::f64: return at(TypeTag<double>{});
        case DataType::f16: return at(TypeTag<Half>{});
        case DataType::bf16: return at(TypeTag<BFloat>{});
        case DataType::u8: return at(TypeTag<uint8_t>{});
        case DataType::i8: return at(TypeTag<int8_t>{});
        case DataType::u16: return at(TypeTag<uint16_t>{});
        case DataType::i16: return at(TypeTag<int16_t>{});
        case DataType::u32: return at(TypeTag<uint32_t>{});
        case DataType::i32: return at(TypeTag<int32_t>{});
        case DataType::u64: return at(TypeTag<uint64_t>{});
        case DataType::i64: return at(TypeTag<int64_t>{});
        default: return at(TypeTag<bool>{});
    }
}

template <class To>
__global__ void castKernel(abi::DataType from, int64_t count, const void* x, To* y) {
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>())
        y[i] = loadAs<To>(from, x, i);
}

template <class T>
__global__ void clipKernel(int64_t count, const T* x, const T* low, const T* high, T* y) {
    using C = Compute<T>;
    const bool hasLow = low != nullptr, hasHigh = high != nullptr;
    const C lowest = hasLow ? load(*low) : C(0), highest = hasHigh ? load(*high) : C(0);
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>()) {
        C v = load(x[i]);
        if (hasLow && v < lowest) v = lowest;
        if (hasHigh && v > highest) v = highest;
        y[i] = T(v);
    }
}

__global__ void notKernel(int64_t count, const bool* x, bool* y) {
    for (auto i = firstStep<int64_t>(); i < count; i += nextStep<int64_t>())
        y[i] = !x[i];
}

template <class To>
cudaError_t castTo(abi::DataType from, int64_t count, const void* x, void* y, cudaStream_t stream) {
    castKernel<<<blocksFor(count), kThreads, 0, stream>>>(from, count, x, static_cast<To*>(y));
    return cudaGetLastError();
}
}  // namespace

cudaError_t cast(abi::DataType from, abi::DataType to, int64_t count, const void* x, void* y, cudaStream_t stream) {
    using abi::DataType;
    if (count == 0) return cudaSuccess;
    switch (to) {
        case DataType::f32: return castTo<float>(from, count, x, y, stream);
        case DataType::f64: return castTo<double>(from, count, x, y, stream);
        case DataType::f16: return castTo<Half>(from, count, x, y, stream);
        case DataType::bf16: return castTo<BFloat>(from, count, x, y, stream);
        case DataType::u8: return castTo<uint8_t>(from, count, x, y, stream);
        case DataType::i8: return castTo<int8_t>(from, count, x, y, stream);
        case DataType::u16: return castTo<uint16_t>(from, count, x, y, stream);
        case DataType::i16: return castTo<int16_t>(from, count, x, y, stream);
        case DataType::u32: return castTo<uint32_t>(from, count, x, y, stream);
        case DataType::i32: return castTo<int32_t>(from, count, x, y, stream);
        case DataType::u64: return castTo<uint64_t>(from, count, x, y, stream);
        case DataType::i64: return castTo<int64_t>(from, count, x, y, stream);
        case DataType::boolean: return castTo<bool>(from, count, x, y, stream);
        default: return cudaErrorInvalidValue;
    }
}

cudaError_t clip(abi::DataType type, int64_t count, const void* x, const void* low, const void* high, void* y,
                 cudaStream_t stream) {
    if (count == 0) return cudaSuccess;
    return dispatchNumbers(type, [&](auto tag) {
        using T = typename decltype(tag)::Type;
        clipKernel<<<blocksFor(count), kThreads, 0, stream>>>(count, static_cast<const T*>(x), static_cast<const T*>(low),
                                                              static_cast<const T*>(high), static_cast<T*>(y));
        return cudaGetLastError();
    });
}

cudaError_t logicalNot(int64_t count, const void* x, void* y, cudaStream_t stream) {
    if (count == 0) return cudaSuccess;
    notKernel<<<blocksFor(count), kThreads, 0, stream>>>(count, static_cast<const bool*>(x), static_cast<bool*>(y));
    return cudaGetLastError();
}

}  // namespace tenon::cuda
