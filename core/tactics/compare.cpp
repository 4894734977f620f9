#include "compare.h"

#include <tenon/sdk/launch.h>

#include <cmath>
#include <cstring>

namespace tenon {

namespace {
template <class T>
constexpr bool kIsComplex = std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>;
template <class T>
auto widen(T v) {
    if constexpr (kIsComplex<T>) return std::complex<double>(v);
    else return static_cast<double>(v);
}

bool isNan(double v) { return std::isnan(v); }
bool isNan(std::complex<double> v) { return std::isnan(v.real()) || std::isnan(v.imag()); }

template <class T>
void compareFloats(const T* a, const T* b, std::int64_t count, double rtol, double atol, Difference& d) {
    double largest = 0;
    for (std::int64_t i = 0; i < count; ++i)
        if (const double m = std::abs(widen(b[i])); std::isfinite(m)) largest = std::max(largest, m);
    for (std::int64_t i = 0; i < count; ++i) {
        const auto x = widen(a[i]), y = widen(b[i]);
        if (x == y || (isNan(x) && isNan(y))) continue;
        const double gap = std::abs(x - y);
        if (!(gap <= atol + rtol * std::abs(y))) ++d.wrong;
        if (!std::isfinite(gap)) continue;
        d.maxAbsolute = std::max(d.maxAbsolute, gap);
        d.maxRelative = std::max(d.maxRelative, gap / std::max({std::abs(y), largest / 1000, 1e-30}));
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

namespace {
Difference compareItems(const TensorValue& value, const TensorValue& expected, double rtol, double atol) {
    Difference all;
    const auto a = itemsOf(value), b = itemsOf(expected);
    if (a.size() != b.size()) all.mismatch = std::to_string(a.size()) + " items, expected " + std::to_string(b.size());
    for (std::size_t i = 0; i < a.size() && all.mismatch.empty(); ++i) {
        const Difference d = compare(a[i], b[i], rtol, atol);
        all.wrong += d.wrong;
        all.maxAbsolute = std::max(all.maxAbsolute, d.maxAbsolute);
        all.maxRelative = std::max(all.maxRelative, d.maxRelative);
        if (!d.mismatch.empty()) all.mismatch = "item " + std::to_string(i) + ": " + d.mismatch;
    }
    return all;
}
}  // namespace

Difference compare(const TensorValue& value, const TensorValue& expected, double rtol, double atol) {
    Difference d;
    if (value.type != expected.type)
        d.mismatch = std::string("type ") + typeName(value.type) + ", expected " + typeName(expected.type);
    else if (value.dims != expected.dims) d.mismatch = "shape " + toString(value.dims) + ", expected " + toString(expected.dims);
    if (!d.mismatch.empty()) return d;
    if (abi::isComposite(value.type)) return compareItems(value, expected, rtol, atol);
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
