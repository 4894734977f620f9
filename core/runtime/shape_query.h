// Asking a plugin for types and concrete shapes.
#pragma once

#include "graph/layer_plugin.h"

namespace tenon {

// A tensor whose dims are known; `data` is its content in host memory, linear, or null.
struct KnownTensor {
    DataType type = DataType::undefined;
    Dims dims;
    const void* data = nullptr;
};

// Throws Error with the plugin's message, naming `who`.
std::vector<DataType> queryTypes(const abi::IPlugin& plugin, std::span<const DataType> inputs, std::size_t outputCount,
                                 const std::string& who);

// Shape of each output; nullopt when it is known only after running. Only the content of inputs in `shapeInputs` is shown.
std::vector<std::optional<Dims>> queryDims(const abi::IPlugin& plugin, std::span<const KnownTensor> inputs,
                                           std::span<const DataType> outputTypes, std::uint64_t shapeInputs,
                                           const std::string& who);

// The content of an integer or bool tensor as numbers; nullopt for other types and for large tensors.
std::optional<std::vector<std::int64_t>> smallIntegers(const KnownTensor& tensor);

}  // namespace tenon
