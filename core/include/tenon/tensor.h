// Data types, dimensions and tensor values of the application API.
#pragma once

#include <tenon/abi/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace tenon {

using abi::DataType;
using Dims = std::vector<std::int64_t>;

// A dimension of a network input: a number, or the name of one that varies ("batch"); equal names are equal numbers.
class Dim {
public:
    Dim(std::int64_t value) : value_(value) {}            // NOLINT: {"batch", 3, 224, 224}
    Dim(int value) : value_(std::int64_t{value}) {}       // NOLINT
    Dim(std::string name) : value_(std::move(name)) {}    // NOLINT
    Dim(const char* name) : value_(std::string(name)) {}  // NOLINT
    bool isNamed() const { return std::holds_alternative<std::string>(value_); }
    const std::string& name() const { return std::get<std::string>(value_); }
    std::int64_t value() const { return std::get<std::int64_t>(value_); }

private:
    std::variant<std::int64_t, std::string> value_;
};

// Immutable bytes, shared; 64-byte aligned unless they are a view into a mapped file.
class Blob {
public:
    Blob() = default;
    // Zero-filled memory to write once through the pointer that mutableData gives before the blob is shared.
    static Blob allocate(std::size_t size);
    static Blob copyOf(const void* data, std::size_t size);
    // Bytes that stay valid as long as `owner` lives.
    static Blob view(const void* data, std::size_t size, std::shared_ptr<const void> owner);
    const std::byte* data() const { return data_; }
    std::byte* mutableData() { return const_cast<std::byte*>(data_); }
    std::size_t size() const { return size_; }
    const std::shared_ptr<const void>& owner() const { return owner_; }

private:
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
    std::shared_ptr<const void> owner_;
};

// A dense row-major tensor in host memory. String elements are abi::StringRef, the one element of a composite type (sequence,
// optional, map) is an abi::ListRef; what they point to is kept alive by `data` or its owner.
struct TensorValue {
    DataType type = DataType::undefined;
    Dims dims;
    Blob data;
};

// A copy that owns its bytes, strings and items.
TensorValue ownedCopy(const TensorValue& value);
// The tensors in a value of composite type, as views; valid as long as the value.
std::vector<TensorValue> itemsOf(const TensorValue& value);
// A value of this composite type that holds copies of the items.
TensorValue makeComposite(DataType type, const std::vector<TensorValue>& items);

// Product of dims. Throws Error when it overflows or a dim is negative.
std::int64_t elementCount(std::span<const std::int64_t> dims);
// Bytes of a dense tensor (4-bit types: two elements a byte). Throws Error when the size overflows or the type has no size.
std::size_t byteSize(DataType type, std::span<const std::int64_t> dims);
// "float32"; "?" for an unknown code.
const char* typeName(DataType type);
// The inverse of typeName; `undefined` when there is no such type.
DataType typeFromName(std::string_view name);
// "[1,3,224,224]".
std::string toString(std::span<const std::int64_t> dims);

}  // namespace tenon
