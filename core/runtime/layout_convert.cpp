#include "layout_convert.h"

#include <tenon/sdk/number.h>

#include <cstring>

namespace tenon {

std::int64_t elementOffset(const abi::TensorDesc& desc, std::span<const std::int64_t> at) {
    const auto rank = static_cast<std::size_t>(desc.dims.rank);
    const std::int64_t* d = desc.dims.d;
    std::int64_t offset = 0;
    if (desc.layout == abi::Layout::linear || rank < 3) {
        for (std::size_t i = 0; i < rank; ++i)
            offset = offset * d[i] + at[i];
        return offset;
    }
    const std::int64_t block = desc.layout == abi::Layout::channelsLast ? d[1] : blockSize(desc.layout);
    const std::int64_t outer = block == 0 ? 0 : (d[1] + block - 1) / block;
    offset = at[0] * outer + (block == 0 ? 0 : at[1] / block);
    for (std::size_t i = 2; i < rank; ++i)
        offset = offset * d[i] + at[i];
    return offset * block + (block == 0 ? 0 : at[1] % block);
}

void convertLayout(const abi::TensorDesc& from, const void* src, const abi::TensorDesc& to, void* dst) {
    const std::size_t bytes = storageBytes(to);
    if (bytes == 0) return;
    std::memset(dst, 0, bytes);
    const auto size = static_cast<std::size_t>(sdk::elementBits(from.type) / 8);
    if (from.layout == to.layout || size == 0) {
        std::memcpy(dst, src, bytes);
        return;
    }
    const Dims dims = toDims(from.dims);
    std::vector<std::int64_t> at(dims.size());
    for (std::int64_t left = elementCount(dims); left > 0; --left) {
        std::memcpy(static_cast<std::byte*>(dst) + static_cast<std::size_t>(elementOffset(to, at)) * size,
                    static_cast<const std::byte*>(src) + static_cast<std::size_t>(elementOffset(from, at)) * size, size);
        for (std::size_t i = dims.size(); i-- > 0;) {
            if (++at[i] < dims[i]) break;
            at[i] = 0;
        }
    }
}

}  // namespace tenon
