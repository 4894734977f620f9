// String constants as bytes of a plan: the length of every element (u64), then all characters.
#pragma once

#include <tenon/tensor.h>

namespace tenon {

Blob packStrings(const TensorValue& value);
// abi::StringRef elements that point into `packed`. Throws Error when the bytes do not hold `count` strings.
Blob unpackStrings(const Blob& packed, std::int64_t count);

}  // namespace tenon
