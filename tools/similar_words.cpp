#include "similar_words.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace tenon::cli {

namespace {
char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

// Levenshtein's distance, case ignored.
std::size_t editDistance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t k = 0; k < b.size(); ++k) {
            const std::size_t replaced = diagonal + (lower(a[i]) == lower(b[k]) ? 0 : 1);
            diagonal = row[k + 1];
            row[k + 1] = std::min({replaced, row[k] + 1, diagonal + 1});
        }
    }
    return row.back();
}
}  // namespace

std::string didYouMean(const std::string& word, const std::vector<std::string>& known) {
    std::string best;
    std::size_t least = std::max<std::size_t>(3, word.size() / 2);
    for (const std::string& k : known) {
        const bool isStart = word.size() > 3 && k.starts_with(word);
        const std::size_t distance = isStart ? 0 : editDistance(word, k);
        if (distance >= least) continue;
        least = distance;
        best = k;
    }
    return best.empty() ? "" : "; did you mean '" + best + "'?";
}

}  // namespace tenon::cli
