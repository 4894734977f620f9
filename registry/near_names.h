// Names that someone may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon {

struct KnownName {
    std::string name;     // what is compared
    std::string printed;  // what is suggested
    bool isPreferred;     // wins among equally near ones
};

// The printed forms of those that resemble `name` (edit distance, case ignored), best first, at most `count`.
std::vector<std::string> nearestNames(std::string_view name, const std::vector<KnownName>& known, std::size_t count);

}  // namespace tenon
