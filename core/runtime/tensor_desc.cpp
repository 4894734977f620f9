#include "tensor_desc.h"

#include <tenon/error.h>
#include <tenon/sdk/types.h>

namespace tenon {

abi::Dims abiDims(std::span<const std::int64_t> dims) {
    if (dims.size() > abi::kMaxRank)
        throw Error(ErrorCode::unsupported,
                    "a tensor has " + std::to_string(dims.size()) + " dimensions; the most is " + std::to_string(abi::kMaxRank));
    abi::Dims out{};
    out.rank = static_cast<std::int32_t>(dims.size());
    std::copy(dims.begin(), dims.end(), out.d);
    return out;
}

Dims toDims(const abi::Dims& dims) { return {dims.d, dims.d + dims.rank}; }

abi::TensorDesc makeDesc(DataType type, std::span<const std::int64_t> dims, abi::Layout layout, abi::Location location) {
    return {abiDims(dims), type, layout, location, 0};
}

abi::TensorDesc absentDesc() { return makeDesc(DataType::undefined, {}); }

abi::DynamicTensorDesc fixedDesc(const abi::TensorDesc& desc) { return {desc, desc.dims, desc.dims, desc.dims}; }

int blockSize(abi::Layout layout) { return sdk::blockOf(layout); }

std::size_t storageBytes(const abi::TensorDesc& desc) {
    if (desc.type == DataType::undefined) return 0;
    Dims dims = toDims(desc.dims);
    const int block = blockSize(desc.layout);
    if (block != 0 && dims.size() >= 2) dims[1] = (dims[1] + block - 1) / block * block;
    return byteSize(desc.type, dims);
}

const char* layoutName(abi::Layout layout) {
    static constexpr const char* kNames[abi::kLayoutCount] = {"linear",    "channels_last", "blocked4", "blocked8",
                                                              "blocked16", "blocked32",     "opaque"};
    const auto i = static_cast<int>(layout);
    return i < 0 || i >= abi::kLayoutCount ? "?" : kNames[i];
}

}  // namespace tenon
