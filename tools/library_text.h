// Plugin libraries as text.
#pragma once

#include <tenon/registry/registry.h>

#include <string>

namespace tenon::cli {

// Everything in the manifest, one line for each operator and attribute, and what input 0 accepts, which is asked of a plugin.
std::string libraryText(const LibraryRecord& library, const Registry& registry);
// "com.acme::AddScalar".
std::string qualifiedName(const CreatorRecord& creator);

}  // namespace tenon::cli
