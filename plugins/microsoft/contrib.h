// The identity of an operator of domain com.microsoft. Its implementation is called "reference", as it is what other
// implementations are compared with.
#pragma once

#include <tenon/sdk/sdk.h>

namespace tenon::microsoft {

inline constexpr const char* kDomain = "com.microsoft";
inline constexpr const char* kImplementation = "reference";

constexpr sdk::Identity contrib(const char* name) {
    return {.name = name, .since = 1, .domain = kDomain, .implementation = kImplementation};
}

}  // namespace tenon::microsoft
