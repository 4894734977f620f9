#include "compare.h"

#include <tenon/sdk/launch.h>

#include <cmath>
#include <cstring>

namespace tenon {

namespace {
template <class T>
double widen(T v) {
    if constexpr (std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>)
        return std::abs(std::complex<double>(v));
    else return static_cast<double>(v);
}

template <class T>
void compareFloats(const T* a, const T* b, std::int64_t count, double rtol, double atol, Difference& d) {
    double largest = 0;
    for (std::int64_t i = 0; i < count; ++i)
        if (std::isfinite(widen(b[i]))) largest = std::max(largest, std::fabs(widen(b[i])));
    for (std::int64_t i = 0; i < count; ++i) {
        const double x = widen(a[i]), y = widen(b[i]);
        if (x == y || (std::isnan(x) && std::isnan(y))) continue;
        const double gap = std::fabs(x - y);
        if (!(gap <= atol + rtol * std::fabs(y))) ++d.wrong;
        if (!std::isfinite(gap)) continue;
        d.maxAbsolute = std::max(d.maxAbsolute, gap);
        d.maxRelative = std::max(d.maxRelative, gap / std::max({std::fabs(y), largest / 1000, 1e-30}));
    }
}

template <class T>
void compareExact(const T* a, const T* b, std::int64_t count, Difference& d) {
    for (std::int64_t i = 0; i < count; ++i) {
        if (a[i] == b[i]) continue;
        ++d.wrong;
        d.maxAbsolute = std::max(d.maxAbsolute, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    }
}

void compareStrings(const abi::StringRef* a, const abi::StringRef* b, std::int64_t count, Difference& d) {
    for (std::int64_t i = 0; i < count; ++i)
        if (std::string_view(a[i].data, a[i].size) != std::string_view(b[i].data, b[i].size)) ++d.wrong;
}
}  // namespace

Difference compare(const TensorValue& value, const TensorValue& expected, double rtol, double atol) {
    Difference d;
    if (value.type != expected.type)
        d.mismatch = std::string("type ") + typeName(value.type) + ", expected " + typeName(expected.type);
    else if (value.dims != expected.dims) d.mismatch = "shape " + toString(value.dims) + ", expected " + toString(expected.dims);
    if (!d.mismatch.empty()) return d;
    const std::int64_t count = elementCount(value.dims);
    if (sdk::elementBits(value.type) < 8) {
        d.wrong = std::memcmp(value.data.data(), expected.data.data(), expected.data.size()) != 0 ? 1 : 0;
        return d;
    }
    sdk::dispatch<sdk::anyType>(value.type, [&]<class T>() {
        const T* a = reinterpret_cast<const T*>(value.data.data());
        const T* b = reinterpret_cast<const T*>(expected.data.data());
        if constexpr (std::is_same_v<T, abi::StringRef>) compareStrings(a, b, count, d);
        else if constexpr (std::is_integral_v<T>) compareExact(a, b, count, d);
        else compareFloats(a, b, count, rtol, atol, d);
    });
    return d;
}

}  // namespace tenon
