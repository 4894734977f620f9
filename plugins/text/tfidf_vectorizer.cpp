// y[..., indexes[g]] = how often n-gram g of the pool occurs in the sequence x[...], its tokens 1 to max_skip_count + 1 apart;
// weighted, or replaced by its weight when it occurs at all (ONNX TfIdfVectorizer opset 9 and later).
#include <memory>

#include "ngram_pool.h"
#include "string_store.h"

namespace tenon::text {
using namespace sdk;

struct TfIdfVectorizer {
    std::string mode;
    std::int64_t minLength = 0, maxLength = 0, maxSkip = 0;
    std::vector<std::int64_t> counts, indexes, integers;
    std::vector<std::string> strings;
    std::vector<float> weights;
    static constexpr Identity identity{.name = "TfIdfVectorizer", .since = 9, .implementation = "reference"};
    static constexpr auto formats = rows(row(str | i32 | i64, f32));
    static constexpr auto attributes() {
        using Self = TfIdfVectorizer;
        return std::tuple{
            attr(1, "max_gram_length", &Self::maxLength, "longest n-gram").required(),
            attr(2, "max_skip_count", &Self::maxSkip, "most tokens skipped between two of an n-gram").required(),
            attr(3, "min_gram_length", &Self::minLength, "shortest n-gram").required(),
            attr(4, "mode", &Self::mode, "term frequency, inverse document frequency, or both").required().oneOf("TF|IDF|TFIDF"),
            attr(5, "ngram_counts", &Self::counts, "where in the pool the n-grams of each length start").required(),
            attr(6, "ngram_indexes", &Self::indexes, "output column of each n-gram").required(),
            attr(7, "pool_int64s", &Self::integers, "n-grams of integers, short ones first"),
            attr(8, "pool_strings", &Self::strings, "n-grams of strings, short ones first"),
            attr(9, "weights", &Self::weights, "weight of each n-gram; default: 1")};
    }
    void check(const abi::LayerInfo&) {
        if (minLength < 1 || maxLength < minLength || maxSkip < 0)
            throw Error("n-gram lengths or max_skip_count are out of range");
        if (integers.empty() == strings.empty()) throw Error("exactly one of pool_int64s and pool_strings must have elements");
        if (!weights.empty() && weights.size() != indexes.size())
            throw Error(std::to_string(weights.size()) + " weights for " + std::to_string(indexes.size()) + " n-grams");
        for (const std::int64_t i : indexes) {
            if (i < 0 || i >= kMostColumns) throw Error("ngram_indexes: there is no column " + std::to_string(i));
            columns_ = std::max(columns_, i + 1);
        }
        for (const std::string& s : strings)
            pooled_.push_back(tokens_.try_emplace(s, static_cast<std::int64_t>(tokens_.size())).first->second);
        if (strings.empty()) pooled_ = integers;
        fillPool();
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank < 1 || rank > 2) throw Error("the input must have rank 1 or 2");
        if ((x[0].type == DataType::string) == strings.empty()) throw Error("the pool has tokens of another type than the input");
        y[0] = rank == 1 ? Shape{columns_} : Shape{x[0][0], columns_};
    }
    void run(const Launch& l) const {
        const auto dims = dimsOf(l.inputDesc(0));
        const std::int64_t rows = dims.size() == 2 ? dims[0] : 1, length = dims.back();
        float* y = l.output<float>(0).data;
        dispatch<str | i32 | i64>(l.inputType(0), [&]<class T>() {
            const T* x = l.input<T>(0).data;
            parallelFor(rows, std::max<std::int64_t>(1, 1024 / std::max<std::int64_t>(length, 1)),
                        [&](std::int64_t begin, std::int64_t end) {
                            std::vector<std::int64_t> sequence(static_cast<std::size_t>(length));
                            for (std::int64_t r = begin; r < end; ++r) {
                                for (std::int64_t i = 0; i < length; ++i)
                                    sequence[static_cast<std::size_t>(i)] = token(x[r * length + i]);
                                count(sequence, y + r * columns_);
                            }
                        });
        });
    }

private:
    static constexpr std::int64_t kMostColumns = std::int64_t{1} << 40;

    void fillPool() {
        auto pool = std::make_shared<NgramPool>();
        const auto size = static_cast<std::int64_t>(pooled_.size());
        std::int64_t gram = 0;
        for (std::size_t n = 0; n < counts.size(); ++n) {
            const std::int64_t begin = counts[n], end = n + 1 < counts.size() ? counts[n + 1] : size;
            const auto length = static_cast<std::int64_t>(n) + 1;
            if (begin < 0 || end < begin || end > size) throw Error("ngram_counts must ascend within the pool");
            if ((end - begin) % length != 0) throw Error("ngram_counts cuts an n-gram of the pool");
            const std::int64_t grams = (end - begin) / length;
            if (length >= minLength && length <= maxLength) pool->add(pooled_.data() + begin, grams, length, gram);
            gram += grams;
        }
        if (gram != static_cast<std::int64_t>(indexes.size()))
            throw Error("the pool has " + std::to_string(gram) + " n-grams, ngram_indexes has " + std::to_string(indexes.size()));
        pool_ = std::move(pool);
    }
    std::int64_t token(std::int64_t value) const { return value; }
    std::int64_t token(const abi::StringRef& s) const {
        const auto found = tokens_.find(std::string(textOf(s)));
        return found == tokens_.end() ? -1 : found->second;
    }
    void count(const std::vector<std::int64_t>& sequence, float* y) const {
        std::fill_n(y, columns_, 0.0F);
        const auto length = static_cast<std::int64_t>(sequence.size());
        for (std::int64_t distance = 1; distance - 1 <= std::min(maxSkip, length); ++distance)
            for (std::int64_t start = 0; start < length; ++start) {
                int node = NgramPool::kRoot;
                std::int64_t n = 1;
                for (std::int64_t i = start; i < length && n <= maxLength; i += distance, ++n) {
                    node = pool_->next(node, sequence[static_cast<std::size_t>(i)]);
                    if (node == NgramPool::kNone) break;
                    const bool isCounted = n == 1 && distance > 1;  // one token has no distance
                    if (pool_->gramAt(node) != NgramPool::kNone && !isCounted) occurs(pool_->gramAt(node), y);
                }
            }
    }
    void occurs(std::int64_t gram, float* y) const {
        const auto g = static_cast<std::size_t>(gram);
        const float weight = weights.empty() ? 1.0F : weights[g];
        float& to = y[indexes[g]];
        if (mode == "IDF") to = weight;
        else to += mode == "TF" ? 1.0F : weight;
    }

    std::int64_t columns_ = 0;
    std::unordered_map<std::string, std::int64_t> tokens_;
    std::vector<std::int64_t> pooled_;
    std::shared_ptr<const NgramPool> pool_;
};

}  // namespace tenon::text

TENON_OPERATORS(tfidf_vectorizer, tenon::text::TfIdfVectorizer)
