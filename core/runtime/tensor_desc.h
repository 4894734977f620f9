// Descriptors as the boundary wants them, and the bytes that a format occupies.
#pragma once

#include <tenon/abi/plugin.h>
#include <tenon/tensor.h>

namespace tenon {

// Throws Error when the rank exceeds abi::kMaxRank.
abi::Dims abiDims(std::span<const std::int64_t> dims);
Dims toDims(const abi::Dims& dims);
abi::TensorDesc makeDesc(DataType type, std::span<const std::int64_t> dims, abi::Layout layout = abi::Layout::linear,
                         abi::Location location = abi::Location::host);
// An absent optional tensor.
abi::TensorDesc absentDesc();
// min = opt = max = dims.
abi::DynamicTensorDesc fixedDesc(const abi::TensorDesc& desc);

// Channels in a block of the layout; 0 when it is not blocked.
int blockSize(abi::Layout layout);
// Bytes that a tensor occupies in its layout, padding channels included. Throws Error on overflow.
std::size_t storageBytes(const abi::TensorDesc& desc);
const char* layoutName(abi::Layout layout);

}  // namespace tenon
