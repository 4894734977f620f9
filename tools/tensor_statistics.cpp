#include "tensor_statistics.h"

#include <tenon/sdk/launch.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tenon::cli {

namespace {
constexpr sdk::TypeSet kReal = sdk::numeric | sdk::boolean | sdk::float8s;

std::vector<double> asDoubles(const TensorValue& value) {
    std::vector<double> numbers;
    sdk::dispatch<kReal>(value.type, [&]<class T>() {
        const T* p = reinterpret_cast<const T*>(value.data.data());
        for (std::int64_t i = 0; i < elementCount(value.dims); ++i)
            numbers.push_back(static_cast<double>(p[i]));
    });
    return numbers;
}

Dims positionOf(std::size_t index, const Dims& dims) {
    Dims position(dims.size());
    auto rest = static_cast<std::int64_t>(index);
    for (std::size_t i = dims.size(); i-- > 0;) {
        position[i] = rest % dims[i];
        rest /= dims[i];
    }
    return position;
}
}  // namespace

std::string statisticsText(const TensorValue& value) {
    const std::int64_t total = elementCount(value.dims);
    if (!kReal.has(value.type) || total == 0) return fmt::format("{} elements", total);
    double least = INFINITY, most = -INFINITY, sum = 0, squares = 0;
    std::int64_t nans = 0;
    for (const double v : asDoubles(value)) {
        if (std::isnan(v)) {
            ++nans;
            continue;
        }
        least = std::min(least, v);
        most = std::max(most, v);
        sum += v;
        squares += v * v;
    }
    if (nans == total) return fmt::format("all {} elements are NaN", total);
    const auto count = static_cast<double>(total - nans);
    const double mean = sum / count;
    return fmt::format("min {:.6g}, max {:.6g}, mean {:.6g}, std {:.6g}, {} NaN", least, most, mean,
                       std::sqrt(std::max(0.0, squares / count - mean * mean)), nans);
}

std::vector<std::pair<Dims, double>> largestElements(const TensorValue& value, std::size_t count) {
    std::vector<std::pair<Dims, double>> result;
    if (!kReal.has(value.type)) return result;
    const std::vector<double> numbers = asDoubles(value);
    std::vector<std::size_t> order(numbers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto key = [&](std::size_t i) { return std::isnan(numbers[i]) ? -INFINITY : numbers[i]; };
    const std::size_t shown = std::min(count, order.size());
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                      [&](std::size_t a, std::size_t b) { return key(a) != key(b) ? key(a) > key(b) : a < b; });
    for (std::size_t i = 0; i < shown; ++i)
        result.emplace_back(positionOf(order[i], value.dims), numbers[order[i]]);
    return result;
}

}  // namespace tenon::cli
