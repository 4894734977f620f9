#include "preload.h"

#include <tenon/error.h>

#include <algorithm>

namespace tenon::cli {

void preloadLibraries(const Registry& registry) {
    for (const LibraryRecord& library : registry.libraries()) {
        const bool cpuOnly = std::all_of(library.creators.begin(), library.creators.end(),
                                         [](const CreatorRecord& c) { return c.device == "cpu"; });
        if (!library.refused.empty() || library.creators.empty() || !cpuOnly || !library.devices.empty()) continue;
        try {
            registry.creator(library.creators.front());
        } catch (const Error&) {  // whoever needs the library hears about it
        }
    }
}

}  // namespace tenon::cli
