// Running one plugin on dense tensors in host memory: constant folding, shape computations, reference results.
#pragma once

#include "shape_query.h"

#include <limits>

namespace tenon {

struct HostRunLimits {
    std::size_t bytes = SIZE_MAX;                                 // most memory for outputs and workspace together
    double operations = std::numeric_limits<double>::infinity();  // for plugins that know theirs (abi::ICost)
};

// Outputs of a CPU plugin in linear layout; what a plugin owns (strings, lists, IOwnedOutput) stays valid until it runs again.
// Absent inputs have type undefined. Data-dependent sizes are handled. `wanted[i]`: output i exists. Throws Error, naming `who`.
std::vector<TensorValue> runOnHost(abi::IPlugin& plugin, const CreatorRecord& creator, std::span<const TensorValue> inputs,
                                   const std::vector<bool>& wanted, const std::string& who, const HostRunLimits& limits = {});

}  // namespace tenon
