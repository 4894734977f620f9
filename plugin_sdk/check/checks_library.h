// Checks of a library as a whole.
#pragma once

#include <tenon/abi/library.h>

#include <string>

namespace tenon::check {

// Each returns what was found; throws Failed or Skipped.
std::string checkExports(const std::string& path);
std::string checkLoads(const std::string& path);
std::string checkForeignAbi(const std::string& path);
std::string checkManifest(const abi::Manifest& manifest);

}  // namespace tenon::check
