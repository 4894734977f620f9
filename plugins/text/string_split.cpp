// y[..., j] = the j-th piece of x[...], "" behind its last piece; n[...] = how many pieces there are (ONNX StringSplit opset 20
// and later).
#include "string_store.h"

namespace tenon::text {
using namespace sdk;

struct StringSplit {
    std::string delimiter;
    std::int64_t maxSplit = -1;
    static constexpr Identity identity{.name = "StringSplit", .since = 20, .implementation = "reference"};
    static constexpr auto formats = rows(row(in(str), out(str, optional(i64))));
    static constexpr std::uint64_t shapeInputs = bits(0);
    mutable StringStore store;
    static constexpr auto attributes() {
        return std::tuple{attr(1, "delimiter", &StringSplit::delimiter, "text between the pieces; empty: any white space"),
                          attr(2, "maxsplit", &StringSplit::maxSplit, "most splits of one string; negative: no limit")};
    }
    void infer(Shapes x, Shapes y) const {
        if (x[0].type != DataType::string) throw Error("the input must have strings");
        if (y.count() > 1) y[1] = x[0].dims();
        y[0] = x[0].dims();
        y[0].append(Dim::unknown());
        const std::int64_t count = x[0].elements().value();
        if (x[0].data == nullptr && count > 0) return;
        const auto* strings = static_cast<const abi::StringRef*>(x[0].data);
        std::int64_t most = 0;
        for (std::int64_t i = 0; i < count; ++i)
            most = std::max(most, static_cast<std::int64_t>(pieces(textOf(strings[i])).size()));
        y[0][x[0].rank()] = most;
    }
    void run(const Launch& l) const {
        const auto x = l.input<abi::StringRef>(0);
        const auto y = l.output<abi::StringRef>(0);
        const std::int64_t width = y.dim(y.rank() - 1);
        std::int64_t* counts = l.hasOutput(1) ? l.output<std::int64_t>(1).data : nullptr;
        std::vector<std::string_view> row;
        const auto split = [&](std::int64_t i) {
            row = pieces(textOf(x[i]));
            if (static_cast<std::int64_t>(row.size()) > width)
                throw Error("a string has more pieces than when the shapes were set");
            if (counts != nullptr) counts[i] = static_cast<std::int64_t>(row.size());
        };
        store.fill(y, [&](std::int64_t i, std::string& text) {
            const std::int64_t j = i % width;
            if (j == 0) split(i / width);
            if (j < static_cast<std::int64_t>(row.size())) text += row[static_cast<std::size_t>(j)];
        });
        for (std::int64_t i = 0; width == 0 && i < x.size(); ++i)
            split(i);
    }

private:
    std::vector<std::string_view> pieces(std::string_view s) const { return delimiter.empty() ? words(s) : fields(s); }
    bool isLast(const std::vector<std::string_view>& found) const {
        return maxSplit >= 0 && found.size() >= static_cast<std::uint64_t>(maxSplit);
    }
    std::vector<std::string_view> fields(std::string_view s) const {
        std::vector<std::string_view> found;
        for (;;) {
            const std::size_t end = isLast(found) ? std::string_view::npos : s.find(delimiter);
            found.push_back(s.substr(0, end));
            if (end == std::string_view::npos) return found;
            s.remove_prefix(end + delimiter.size());
        }
    }
    std::vector<std::string_view> words(std::string_view s) const {
        constexpr std::string_view kSpace = " \t\n\v\f\r";
        s = s.substr(0, s.find_last_not_of(kSpace) + 1);
        std::vector<std::string_view> found;
        while (!s.empty()) {
            s.remove_prefix(s.find_first_not_of(kSpace));
            const std::size_t end = isLast(found) ? s.size() : std::min(s.find_first_of(kSpace), s.size());
            found.push_back(s.substr(0, end));
            s.remove_prefix(end);
        }
        return found;
    }
};

}  // namespace tenon::text

TENON_OPERATORS(string_split, tenon::text::StringSplit)
