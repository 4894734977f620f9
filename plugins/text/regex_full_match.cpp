// y = whether the whole of x matches a regular expression in RE2's syntax (ONNX RegexFullMatch opset 20 and later).
#include <re2/re2.h>

#include <memory>

#include "string_store.h"

namespace tenon::text {
using namespace sdk;

struct RegexFullMatch {
    std::string pattern;
    static constexpr Identity identity{.name = "RegexFullMatch", .since = 20, .implementation = "reference"};
    static constexpr auto formats = rows(row(str, boolean));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "pattern", &RegexFullMatch::pattern, "regular expression in RE2's syntax").required()};
    }
    void check(const abi::LayerInfo&) {
        constexpr std::int64_t kMemory = 8 << 20;  // of the compiled expression and its cache
        RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(kMemory);
        expression_ = std::make_shared<const RE2>(pattern, options);
        if (!expression_->ok()) throw Error("pattern '" + pattern + "' is no regular expression of RE2: " + expression_->error());
    }
    void run(const Launch& l) const {
        const auto x = l.input<abi::StringRef>(0);
        bool* y = l.output<bool>(0).data;
        parallelFor(x.size(), 256, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                y[i] = RE2::FullMatch(re2::StringPiece(x[i].data, x[i].size), *expression_);
        });
    }

private:
    std::shared_ptr<const RE2> expression_;
};

}  // namespace tenon::text

TENON_OPERATORS(regex_full_match, tenon::text::RegexFullMatch)
