// y = the integer that belongs to text x, or the text that belongs to integer x (ONNX-ML CategoryMapper opset 1).
#include "lookup.h"

namespace tenon::ml {
using namespace sdk;

struct CategoryMapper {
    std::vector<std::int64_t> categoryInts;
    std::vector<std::string> categoryTexts;
    std::int64_t defaultInt = -1;
    std::string defaultText = "_Unused";
    static constexpr Identity identity{.name = "CategoryMapper", .domain = "ai.onnx.ml", .implementation = "reference"};
    static constexpr auto formats = rows(row(str, i64), row(i64, str));
    static constexpr auto attributes() {
        return std::tuple{attr(1, "cats_int64s", &CategoryMapper::categoryInts, "the integers").required(),
                          attr(2, "cats_strings", &CategoryMapper::categoryTexts, "the texts that belong to them").required(),
                          attr(3, "default_int64", &CategoryMapper::defaultInt, "for other texts"),
                          attr(4, "default_string", &CategoryMapper::defaultText, "for other integers")};
    }
    void check(const abi::LayerInfo&) {
        toInts_ = makeLookup(categoryTexts, categoryInts, defaultInt);
        toTexts_ = makeLookup(categoryInts, categoryTexts, defaultText);
    }
    void run(const Launch& l) const { (l.inputType(0) == DataType::string ? toInts_ : toTexts_)->run(l); }

private:
    std::shared_ptr<const Lookup> toInts_, toTexts_;
};

}  // namespace tenon::ml

TENON_OPERATORS(category_mapper, tenon::ml::CategoryMapper)
