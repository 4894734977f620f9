// Fusion rules: patterns a library brings so that the optimizer replaces a subgraph by the library's own operator.
#pragma once

#include <stdint.h>

namespace tenon::abi {

// Static data of the library. `pattern` and `replacement` are in the rule language of the optimizer
// ("y = Relu(Conv(x, w, b))" -> "y = acme::ConvRelu(x, w, b)"); rules are tried in order of `benefit`, highest first.
struct FusionRule {
    const char* name;
    const char* pattern;
    const char* replacement;
    int32_t benefit;
    int32_t reserved;
};

}  // namespace tenon::abi
