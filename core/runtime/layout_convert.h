// Element by element conversion between memory layouts, for test data and checks; kernels that must be fast are Reformat plugins.
#pragma once

#include "tensor_desc.h"

namespace tenon {

// Offset in elements of the element with these logical coordinates.
std::int64_t elementOffset(const abi::TensorDesc& desc, std::span<const std::int64_t> at);

// Same type and dims, two layouts of host memory. Padding channels of `to` become zero.
void convertLayout(const abi::TensorDesc& from, const void* src, const abi::TensorDesc& to, void* dst);

}  // namespace tenon
