// Words that someone may have meant.
#pragma once

#include <string>
#include <vector>

namespace tenon::cli {

// "; did you mean 'build'?", or nothing when no known word is near.
std::string didYouMean(const std::string& word, const std::vector<std::string>& known);

}  // namespace tenon::cli
