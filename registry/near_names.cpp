#include "near_names.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <tuple>
#include <utility>

namespace tenon {

namespace {
// Levenshtein distance, case ignored.
std::size_t distance(std::string_view a, std::string_view b) {
    const auto same = [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    };
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (same(a[i - 1], b[j - 1]) ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}
}  // namespace

std::vector<std::string> nearestNames(std::string_view name, const std::vector<KnownName>& known, std::size_t count) {
    constexpr std::size_t kMostCompared = 256;
    name = name.substr(0, kMostCompared);
    const std::size_t most = std::max<std::size_t>(1, name.size() / 3);
    std::vector<std::tuple<std::size_t, bool, std::string>> near;
    for (const KnownName& k : known) {
        const std::size_t d = distance(name, std::string_view(k.name).substr(0, kMostCompared));
        if (d <= most) near.emplace_back(d, !k.isPreferred, k.printed);
    }
    std::sort(near.begin(), near.end());
    near.erase(std::unique(near.begin(), near.end()), near.end());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < near.size() && i < count; ++i)
        names.push_back(std::get<2>(near[i]));
    return names;
}

}  // namespace tenon
