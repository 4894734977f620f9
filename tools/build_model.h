// From a file, a model or a plan, to an engine; and building with progress that Ctrl-C stops.
#pragma once

#include <tenon/engine.h>

#include <functional>
#include <string>

#include "common_options.h"

namespace tenon::cli {

enum class FileKind { model, plan, library };
// By the first bytes of the file. Throws Error when it cannot be read.
FileKind kindOf(const std::string& path);

// Imports and builds. Progress goes to standard error: a bar on a terminal, else a line for each phase. New measurements are
// saved to the timing cache file, also when the build is interrupted. Throws Error, Interrupted. `adjust` may change the profile
// once the network is known.
using AdjustProfile = std::function<void(const Network&, Profile&)>;
Blob buildModel(const std::string& path, const Registry& registry, CommonOptions& options, const AdjustProfile& adjust = {});

// A plan is loaded; a model is built first. Throws Error, UsageError, Interrupted.
Engine openEngine(const std::string& path, const Registry& registry, CommonOptions& options, const AdjustProfile& adjust = {});

// The shapes to run input `info` with: from --shapes, else the profile's opt.
Dims shapeToRun(const IoInfo& info, const CommonOptions& options);

}  // namespace tenon::cli
