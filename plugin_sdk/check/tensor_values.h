// Sizes of tensors in their layouts, and random contents.
#pragma once

#include <tenon/abi/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "random_source.h"

namespace tenon::check {

int elementBits(abi::DataType type);  // 0 for an unknown code
std::int64_t elementCount(const abi::Dims& dims);
// Bytes in memory, the padding of blocked layouts included.
std::size_t byteSize(const abi::TensorDesc& desc);
abi::TensorDesc linearDesc(abi::DataType type, const abi::Dims& dims);

// Fills with values of the type; small integers, so that some are good as indices, axes and shapes. Padding is zero.
// What the elements of a tensor of strings or lists refer to, as bytes to compare.
std::vector<std::byte> flatBytes(const abi::TensorDesc& desc, const void* data);
void fillRandom(const abi::TensorDesc& desc, std::byte* data, RandomSource& random);
// Whether the channels that only pad a blocked layout hold zeros.
bool isPaddingZero(const abi::TensorDesc& desc, const std::byte* data);

std::string describe(abi::DataType type, const abi::Dims& dims);  // "type 1 [2,3]"
const char* layoutName(abi::Layout layout);

}  // namespace tenon::check
