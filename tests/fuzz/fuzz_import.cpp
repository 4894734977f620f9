// Bytes as a model in memory. Anything but an Error that leaves the importer is a finding.
#include <onnx/onnx_pb.h>
#include <tenon/error.h>
#include <tenon/logger.h>
#include <tenon/onnx.h>
#include <tenon/registry/registry.h>

#include <cstring>

#include "mutate_message.h"

namespace {
const tenon::Registry& registry() {
    static const tenon::Registry instance;
    return instance;
}

// Operators that the libraries implement, and what models often say.
const std::vector<std::string>& words() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> w{"",   "ai.onnx", "ai.onnx.ml",  "axis",        "axes",
                                   "to", "body",    "then_branch", "else_branch", "value"};
        for (const auto& library : registry().libraries())
            for (const auto& creator : library.creators) {
                w.push_back(creator.name);
                for (const auto& field : creator.fields)
                    w.push_back(field.name);
            }
        for (const char* op : {"If", "Loop", "Scan", "Constant", "Identity", "Upsample", "Scatter", "SequenceEmpty"})
            w.emplace_back(op);
        return w;
    }();
    return all;
}
}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t maxSize);

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    tenon::setLogCallback([](tenon::LogLevel, tenon::LogTopic, std::string_view) {});
    words();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        tenon::importOnnx(std::as_bytes(std::span(data, size)), registry());
    } catch (const tenon::Error&) {
    }
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t maxSize, unsigned seed) {
    onnx::ModelProto model;
    if (seed % 2 != 0 || !model.ParseFromArray(data, static_cast<int>(size))) return LLVMFuzzerMutate(data, size, maxSize);
    tenon::fuzz::mutateMessage(model, seed / 2, words());
    const std::string bytes = model.SerializeAsString();
    if (bytes.empty() || bytes.size() > maxSize) return LLVMFuzzerMutate(data, size, maxSize);
    std::memcpy(data, bytes.data(), bytes.size());
    return bytes.size();
}
