// Opening a library and reading its manifest into a record.
#pragma once

#include <tenon/registry/registry.h>

namespace tenon {

// Opens the library, for good (Boost.DLL, RTLD_NOW | RTLD_LOCAL), and calls its query function; the second time, only says again
// what that answered. Throws Error with the reason.  [any thread]
const abi::Manifest& openLibrary(const std::string& path);

// Checks every fact of the manifest and copies it. Throws Error that names what is wrong.
LibraryRecord readManifest(const abi::Manifest& manifest, const std::string& path);

}  // namespace tenon
