// Opening libraries before children are forked, so that each child need not do it again.
#pragma once

#include <tenon/registry/registry.h>

namespace tenon::cli {

// Opens every library that offers implementations for the CPU only; devices are left to the children, which may not inherit them.
void preloadLibraries(const Registry& registry);

}  // namespace tenon::cli
