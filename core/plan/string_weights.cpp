#include "string_weights.h"

#include <tenon/error.h>

#include <cstring>
#include <memory>
#include <vector>

namespace tenon {

Blob packStrings(const TensorValue& value) {
    const auto* refs = reinterpret_cast<const abi::StringRef*>(value.data.data());
    const auto count = static_cast<std::size_t>(elementCount(value.dims));
    std::size_t size = count * sizeof(std::uint64_t);
    for (std::size_t i = 0; i < count; ++i)
        size += refs[i].size;
    Blob packed = Blob::allocate(size);
    std::byte* at = packed.mutableData() + count * sizeof(std::uint64_t);
    for (std::size_t i = 0; i < count; ++i) {
        std::memcpy(packed.mutableData() + i * sizeof(std::uint64_t), &refs[i].size, sizeof(std::uint64_t));
        if (refs[i].size > 0) std::memcpy(at, refs[i].data, refs[i].size);
        at += refs[i].size;
    }
    return packed;
}

Blob unpackStrings(const Blob& packed, std::int64_t count) {
    const auto reject = [] { throw Error(ErrorCode::badInput, "plan: a string constant is damaged"); };
    if (count < 0 || static_cast<std::uint64_t>(count) > packed.size() / sizeof(std::uint64_t)) reject();
    struct Owned {
        Blob packed;
        std::vector<abi::StringRef> refs;
    };
    auto owned = std::make_shared<Owned>();
    owned->packed = packed;
    const auto n = static_cast<std::size_t>(count);
    std::size_t at = n * sizeof(std::uint64_t);
    for (std::size_t i = 0; i < n; ++i) {
        std::uint64_t size = 0;
        std::memcpy(&size, packed.data() + i * sizeof size, sizeof size);
        if (size > packed.size() - at) reject();
        owned->refs.push_back({reinterpret_cast<const char*>(packed.data() + at), size});
        at += size;
    }
    if (at != packed.size()) reject();
    return Blob::view(owned->refs.data(), n * sizeof(abi::StringRef), owned);
}

}  // namespace tenon
