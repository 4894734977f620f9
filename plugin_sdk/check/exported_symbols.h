// The dynamic symbols that an ELF library defines for others.
#pragma once

#include <string>
#include <vector>

namespace tenon::check {

// Sorted. Throws Failed when the file is no whole 64-bit ELF library.
std::vector<std::string> exportedSymbols(const std::string& path);

}  // namespace tenon::check
