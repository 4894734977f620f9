// The harness as a host: services handed to the library, and the library's messages.
#pragma once

#include <tenon/abi/library.h>

#include <string>

namespace tenon::check {

const abi::HostServices& services();
// What was reported since the last take; empty when nothing was.
std::string takeMessage();

struct Opened {
    const abi::Manifest* manifest = nullptr;  // null: the query declined
    std::string message;                      // then: what it said
};
// Loads the library for good and calls its query. Throws Failed when it cannot be loaded.
Opened openLibrary(const std::string& path, std::uint32_t hostVersion);

}  // namespace tenon::check
