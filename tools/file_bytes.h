// A whole file in memory.
#pragma once

#include <string>

namespace tenon::cli {

// Throws Error when it is no regular file or cannot be read.
std::string readFileBytes(const std::string& path);
// The first bytes, at most `count`. Throws Error.
std::string readFileStart(const std::string& path, std::size_t count);

}  // namespace tenon::cli
