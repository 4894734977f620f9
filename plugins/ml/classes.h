// The labels of a classifier: integers or texts, one of the two lists is given.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::ml {

struct Classes {
    std::vector<std::int64_t> labelInts;
    std::vector<std::string> labelTexts;

    bool areTexts() const { return !labelTexts.empty(); }
    std::int64_t classCount() const { return static_cast<std::int64_t>(areTexts() ? labelTexts.size() : labelInts.size()); }
    sdk::DataType labelType() const { return areTexts() ? sdk::DataType::string : sdk::DataType::i64; }
    void checkLabels() const {
        if (!labelInts.empty() && !labelTexts.empty()) throw sdk::Error("class labels are given as integers and as strings");
    }
    // Sets label `row` of output 0 to that of class c; without labels a class is its number.
    void writeLabel(const sdk::Launch& l, std::int64_t row, std::size_t c) const {
        if (areTexts()) {
            const std::string& text = labelTexts.at(c);
            l.output<abi::StringRef>(0)[row] = {text.data(), text.size()};
        } else {
            l.output<std::int64_t>(0)[row] = labelInts.empty() ? static_cast<std::int64_t>(c) : labelInts.at(c);
        }
    }
};

}  // namespace tenon::ml
