#include <tenon/error.h>
#include <tenon/sdk/owned_tensor.h>
#include <tenon/tensor.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <new>

namespace tenon {

namespace {
constexpr std::size_t kAlignment = 64;

std::shared_ptr<std::byte> alignedBytes(std::size_t size) {
    const std::size_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment;
    if (rounded < size) throw std::bad_alloc();
    auto* p = static_cast<std::byte*>(std::aligned_alloc(kAlignment, rounded == 0 ? kAlignment : rounded));
    if (p == nullptr) throw std::bad_alloc();
    return {p, [](std::byte* q) { std::free(q); }};
}
}  // namespace

Blob Blob::allocate(std::size_t size) {
    auto bytes = alignedBytes(size);
    std::memset(bytes.get(), 0, size);
    return view(bytes.get(), size, bytes);
}

Blob Blob::copyOf(const void* data, std::size_t size) {
    Blob blob = allocate(size);
    if (size > 0) std::memcpy(blob.mutableData(), data, size);
    return blob;
}

Blob Blob::view(const void* data, std::size_t size, std::shared_ptr<const void> owner) {
    Blob blob;
    blob.data_ = static_cast<const std::byte*>(data);
    blob.size_ = size;
    blob.owner_ = std::move(owner);
    return blob;
}

namespace {
abi::FieldTensor fieldOf(const TensorValue& v) { return {sdk::hostDesc(v.type, v.dims), v.data.data(), v.data.size()}; }

TensorValue valueOf(sdk::OwnedTensor tensor, const Dims& dims) {
    auto owner = std::make_shared<const sdk::OwnedTensor>(std::move(tensor));
    const abi::FieldTensor ref = owner->ref();
    return {ref.desc.type, dims, Blob::view(ref.data, ref.size, owner)};
}
}  // namespace

TensorValue ownedCopy(const TensorValue& value) {
    if (value.type != DataType::string && !abi::isComposite(value.type))
        return {value.type, value.dims, Blob::copyOf(value.data.data(), value.data.size())};
    return valueOf(sdk::OwnedTensor(fieldOf(value)), value.dims);
}

std::vector<TensorValue> itemsOf(const TensorValue& value) {
    std::vector<TensorValue> items;
    for (const abi::FieldTensor& item : sdk::itemsOf(value.data.data()))
        items.push_back({item.desc.type,
                         {item.desc.dims.d, item.desc.dims.d + item.desc.dims.rank},
                         Blob::view(item.data, item.size, value.data.owner())});
    return items;
}

TensorValue makeComposite(DataType type, const std::vector<TensorValue>& items) {
    std::vector<sdk::OwnedTensor> owned;
    for (const TensorValue& item : items)
        owned.emplace_back(fieldOf(item));
    return valueOf(sdk::OwnedTensor(type, std::move(owned)), {});
}

std::int64_t elementCount(std::span<const std::int64_t> dims) {
    std::int64_t count = 1;
    bool overflow = false;
    bool zero = false;
    for (const std::int64_t d : dims) {
        if (d < 0) throw Error(ErrorCode::badInput, "shape " + toString(dims) + " has a negative dimension");
        zero = zero || d == 0;
        overflow = __builtin_mul_overflow(count, d == 0 ? 1 : d, &count) || overflow;
    }
    if (overflow) throw Error(ErrorCode::badInput, "shape " + toString(dims) + " has more than 2^63 elements");
    return zero ? 0 : count;
}

std::size_t byteSize(DataType type, std::span<const std::int64_t> dims) {
    const int bits = sdk::elementBits(type);
    if (bits == 0) throw Error(ErrorCode::badInput, std::string("type ") + typeName(type) + " has no element size");
    std::int64_t total = 0;
    if (__builtin_mul_overflow(elementCount(dims), bits, &total))
        throw Error(ErrorCode::badInput, "shape " + toString(dims) + " of " + typeName(type) + " exceeds the address space");
    return static_cast<std::size_t>((total + 7) / 8);
}

const char* typeName(DataType type) { return sdk::typeName(type); }

DataType typeFromName(std::string_view name) {
    for (int i = 0; i < 2 * abi::kOptionalFlag; ++i)
        if (abi::isDataType(i) && name == typeName(static_cast<DataType>(i))) return static_cast<DataType>(i);
    return DataType::undefined;
}

std::string toString(std::span<const std::int64_t> dims) {
    std::string text = "[";
    for (std::size_t i = 0; i < dims.size(); ++i)
        text += (i == 0 ? "" : ",") + std::to_string(dims[i]);
    return text + "]";
}

}  // namespace tenon
