// What the fuzzers of models share: the catalogue, a dictionary, the mutator.
#pragma once

#include <onnx/onnx_pb.h>
#include <tenon/error.h>
#include <tenon/logger.h>
#include <tenon/onnx.h>
#include <tenon/registry/registry.h>

#include <cstring>

#include "mutate_message.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t maxSize);

namespace tenon::fuzz {

inline const Registry& registry() {
    static const Registry instance;
    return instance;
}

// Operators that the libraries implement, and what models often say.
inline const std::vector<std::string>& words() {
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
}  // namespace tenon::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    tenon::setLogCallback([](tenon::LogLevel, tenon::LogTopic, std::string_view) {});
    tenon::fuzz::words();
    return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t maxSize, unsigned seed) {
    onnx::ModelProto model;
    if (seed % 2 != 0 || !model.ParseFromArray(data, static_cast<int>(size))) return LLVMFuzzerMutate(data, size, maxSize);
    tenon::fuzz::mutateMessage(model, seed / 2, tenon::fuzz::words());
    const std::string bytes = model.SerializeAsString();
    if (bytes.empty() || bytes.size() > maxSize) return LLVMFuzzerMutate(data, size, maxSize);
    std::memcpy(data, bytes.data(), bytes.size());
    return bytes.size();
}
