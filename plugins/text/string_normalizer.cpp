// y = the strings of x that are no stop words, in lower or upper case; one empty string when none is left (ONNX
// StringNormalizer opset 10 and later). Stop words are compared in one case unless the case counts.
#include <found_dims.h>

#include <set>

#include "letter_case.h"
#include "string_store.h"

namespace tenon::text {
using namespace sdk;

struct StringNormalizer final : reference::FoundDims<StringNormalizer> {
    std::string change = "NONE", locale;
    bool isCaseSensitive = false;
    std::vector<std::string> stopWords;
    static constexpr Identity identity{.name = "StringNormalizer", .since = 10, .implementation = "reference"};
    static constexpr auto formats = rows(row(str, str));
    static constexpr std::uint32_t flags = abi::kDataDependentShape;
    static constexpr auto attributes() {
        using Self = StringNormalizer;
        return std::tuple{attr(1, "case_change_action", &Self::change, "case of the output").oneOf("LOWER|UPPER|NONE"),
                          attr(2, "is_case_sensitive", &Self::isCaseSensitive, "whether the case of stop words counts"),
                          attr(3, "locale", &Self::locale, "what letters there are; default: Unicode's"),
                          attr(4, "stopwords", &Self::stopWords, "strings to leave out")};
    }
    void check(const abi::LayerInfo&) {
        letters_.emplace(locale);
        change_ = change == "LOWER" ? LetterCase::lower : change == "UPPER" ? LetterCase::upper : LetterCase::none;
        for (const std::string& word : stopWords)
            compared_.insert(comparable(word));
    }
    void infer(Shapes x, Shapes y) const {
        const int rank = x[0].rank();
        if (rank < 1 || rank > 2 || (rank == 2 && x[0][0].isConstant() && !x[0][0].is(1)))
            throw Error("the input must be [C] or [1, C]");
        y[0] = Shape::ofRank(rank);
        if (rank == 2) y[0][0] = 1;
        if (stopWords.empty()) y[0][rank - 1] = max(x[0][rank - 1], 1);
    }
    abi::Dims bound(std::span<const abi::TensorDesc> inputs, int) const {
        return dimsFor(inputs[0].dims.rank, elementCount(inputs[0].dims));
    }
    void run(const Launch& l) const {
        const auto x = l.input<abi::StringRef>(0);
        std::vector<std::string_view> kept;
        for (const abi::StringRef& s : x)
            if (compared_.empty() || compared_.count(comparable(textOf(s))) == 0) kept.push_back(textOf(s));
        if (kept.empty()) kept.emplace_back();
        View<abi::StringRef> y{l.output<abi::StringRef>(0).data, {}, static_cast<std::int64_t>(kept.size())};
        store_.fill(
            y, [&](std::int64_t i, std::string& text) { text += letters_->convert(kept[static_cast<std::size_t>(i)], change_); });
        found(0, dimsFor(x.rank(), y.size()));
    }

private:
    static abi::Dims dimsFor(int rank, std::int64_t count) {
        count = std::max<std::int64_t>(count, 1);
        return rank == 2 ? makeDims({1, count}) : makeDims({count});
    }
    std::string comparable(std::string_view s) const {
        if (isCaseSensitive) return std::string(s);
        return letters_->convert(s, change_ == LetterCase::upper ? LetterCase::upper : LetterCase::lower);
    }

    LetterCase change_ = LetterCase::none;
    std::optional<Letters> letters_;
    std::set<std::string> compared_;
    mutable StringStore store_;
};

}  // namespace tenon::text

TENON_OPERATORS(string_normalizer, tenon::text::StringNormalizer)
