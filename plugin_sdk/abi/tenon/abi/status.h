// What every call across the library boundary returns.
#pragma once

#include <stdint.h>

namespace tenon::abi {

// A failing call hands its message to HostServices::report before it returns one of these.
enum class Status : int32_t {
    ok = 0,
    declined = 1,         // not an error: this implementation does not take this layer; the message is the reason
    invalidArgument = 2,  // attribute, shape or type that the operator forbids
    corruptData = 3,      // serialized bytes that are truncated or foreign
    outOfMemory = 4,
    deviceError = 5,  // the device or its driver failed
    internal = 6,
};

}  // namespace tenon::abi
