// Bytes as a model in memory that becomes a plan: shape rules, constant folding and the assembler see what the importer lets
// through. Kernels run where constants are folded.
#include <tenon/builder.h>

#include "model_fuzzer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tenon;
    BuilderOptions options;
    options.optimizationLevel = 0;
    options.pin = {"reference"};
    try {
        buildPlan(importOnnx(std::as_bytes(std::span(data, size)), fuzz::registry()), fuzz::registry(), options);
    } catch (const Error&) {
    }
    return 0;
}
