// Bytes as a model in memory. Anything but an Error that leaves the importer is a finding.
#include "model_fuzzer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        tenon::importOnnx(std::as_bytes(std::span(data, size)), tenon::fuzz::registry());
    } catch (const tenon::Error&) {
    }
    return 0;
}
