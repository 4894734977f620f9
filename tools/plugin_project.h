// `tenon plugins new`: a plugin project to start from.
#pragma once

#include <string>

namespace tenon::cli {

// Writes CMakeLists.txt, NAME.cpp and README.md. Throws UsageError for a name that is no C identifier, Error when a file exists
// already.
void writePluginProject(const std::string& name, const std::string& folder);

}  // namespace tenon::cli
