// Reading an unknown library's manifest in a helper process, so that one that crashes or hangs does no harm.
#pragma once

#include <tenon/registry/registry.h>

namespace tenon {

struct Scan {
    LibraryRecord record;  // `refused` says why when the library cannot be used
    // Whether the next start may take this for granted: the answer depends on the file alone, or would take long to get again.
    bool isLasting = false;
};

Scan scanLibrary(const std::string& path, const std::string& helper, int timeoutSeconds);

}  // namespace tenon
