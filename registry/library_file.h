// What can be said about a library from its bytes, before anything of it is executed.
#pragma once

#include <cstdint>
#include <string>

namespace tenon {

// Why the file cannot be loaded here: no ELF library, another machine, truncated, another sanitizer; empty when it may be tried.
std::string refuseFile(const std::string& path);

// Digest of the file's bytes. Throws Error when the file cannot be read.
std::uint64_t digestFile(const std::string& path);

// Names the sanitizer of these abi::BuildFlags; "without a sanitizer".
std::string sanitizerName(std::uint32_t buildFlags);
// Why a library with these flags cannot be loaded into this process; empty when it can.
std::string flagMismatch(std::uint32_t libraryFlags);
std::uint32_t hostBuildFlags();

}  // namespace tenon
