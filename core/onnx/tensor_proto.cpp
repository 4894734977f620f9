#include "tensor_proto.h"

#include <tenon/error.h>
#include <tenon/sdk/number.h>

#include <cstring>

namespace tenon {

namespace {
[[noreturn]] void reject(const std::string& name, const std::string& what) {
    throw Error(ErrorCode::badInput, "tensor '" + name + "': " + what);
}

Dims dimsOf(const onnx::TensorProto& proto) {
    if (proto.dims_size() > abi::kMaxRank)
        reject(proto.name(), std::to_string(proto.dims_size()) + " dimensions; at most 16 are supported");
    return {proto.dims().begin(), proto.dims().end()};
}

void expectCount(const onnx::TensorProto& proto, std::int64_t found, std::int64_t wanted) {
    if (found != wanted)
        reject(proto.name(), "shape " + toString(dimsOf(proto)) + " needs " + std::to_string(wanted) + " values, " +
                                 std::to_string(found) + " are given");
}

// Copies a repeated field, narrowing each value to the element type.
template <class T, class Field>
Blob narrow(const onnx::TensorProto& proto, const Field& field, std::int64_t count) {
    expectCount(proto, field.size(), count);
    Blob blob = Blob::allocate(static_cast<std::size_t>(count) * sizeof(T));
    T* to = reinterpret_cast<T*>(blob.mutableData());
    for (std::int64_t i = 0; i < count; ++i)
        to[i] = static_cast<T>(field[static_cast<int>(i)]);
    return blob;
}

// int32_data of 4-bit types: one packed byte an entry.
Blob packedNibbles(const onnx::TensorProto& proto, std::size_t bytes) {
    return narrow<std::uint8_t>(proto, proto.int32_data(), static_cast<std::int64_t>(bytes));
}

Blob strings(const onnx::TensorProto& proto, std::int64_t count) {
    expectCount(proto, proto.string_data_size(), count);
    struct Owned {
        std::vector<std::string> text;
        std::vector<abi::StringRef> refs;
    };
    auto owned = std::make_shared<Owned>();
    owned->text.assign(proto.string_data().begin(), proto.string_data().end());
    for (const std::string& s : owned->text)
        owned->refs.push_back({s.data(), s.size()});
    return Blob::view(owned->refs.data(), owned->refs.size() * sizeof(abi::StringRef), owned);
}

Blob typedData(const onnx::TensorProto& proto, DataType type, const Dims& dims) {
    const std::int64_t count = elementCount(dims);
    switch (type) {
        case DataType::f32: return narrow<float>(proto, proto.float_data(), count);
        case DataType::c64: return narrow<float>(proto, proto.float_data(), 2 * count);
        case DataType::f64: return narrow<double>(proto, proto.double_data(), count);
        case DataType::c128: return narrow<double>(proto, proto.double_data(), 2 * count);
        case DataType::i64: return narrow<std::int64_t>(proto, proto.int64_data(), count);
        case DataType::u32: return narrow<std::uint32_t>(proto, proto.uint64_data(), count);
        case DataType::u64: return narrow<std::uint64_t>(proto, proto.uint64_data(), count);
        default: break;
    }
    switch (sdk::elementBits(type)) {
        case 4: return packedNibbles(proto, byteSize(type, dims));
        case 8: return narrow<std::uint8_t>(proto, proto.int32_data(), count);
        case 16: return narrow<std::uint16_t>(proto, proto.int32_data(), count);
        default: return narrow<std::int32_t>(proto, proto.int32_data(), count);
    }
}

Blob rawData(const onnx::TensorProto& proto, DataType type, std::size_t size, const TensorSource& source) {
    const std::string& raw = proto.raw_data();
    if (raw.size() != size)
        reject(proto.name(), std::string(typeName(type)) + toString(dimsOf(proto)) + " needs " + std::to_string(size) +
                                 " bytes, " + std::to_string(raw.size()) + " are given");
    constexpr std::size_t kShare = 4096;  // smaller ones are not worth keeping the whole model for
    const bool isAligned = reinterpret_cast<std::uintptr_t>(raw.data()) % 16 == 0;
    return source.owner != nullptr && size >= kShare && isAligned ? Blob::view(raw.data(), size, source.owner)
                                                                  : Blob::copyOf(raw.data(), size);
}
}  // namespace

DataType dataTypeOf(std::int32_t code, const std::string& what) {
    if (code <= 0 || code >= abi::kDataTypeCount)
        throw Error(ErrorCode::badInput, what + ": data type code " + std::to_string(code) + " is unknown");
    return static_cast<DataType>(code);
}

TensorValue fromProto(const onnx::TensorProto& proto, const TensorSource& source) {
    TensorValue value;
    value.type = dataTypeOf(proto.data_type(), "tensor '" + proto.name() + "'");
    value.dims = dimsOf(proto);
    const std::size_t size = byteSize(value.type, value.dims);
    if (proto.has_segment()) reject(proto.name(), "segmented data is not supported");
    if (value.type == DataType::string) value.data = strings(proto, elementCount(value.dims));
    else if (proto.data_location() == onnx::TensorProto::EXTERNAL) value.data = externalData(proto, source.folder, size);
    else if (proto.has_raw_data()) value.data = rawData(proto, value.type, size, source);
    else value.data = typedData(proto, value.type, value.dims);
    if (value.type == DataType::boolean)  // kernels read bools as 0 or 1
        for (std::size_t i = 0; i < size; ++i)
            if (std::to_integer<int>(value.data.data()[i]) > 1) reject(proto.name(), "a bool is neither 0 nor 1");
    return value;
}

TensorValue fromSparseProto(const onnx::SparseTensorProto& proto, const TensorSource& source) {
    const std::string& name = proto.values().name();
    const TensorValue values = fromProto(proto.values(), source), indices = fromProto(proto.indices(), source);
    TensorValue dense{values.type, {proto.dims().begin(), proto.dims().end()}, {}};
    constexpr std::size_t kFree = std::size_t{16} << 20, kGrowth = 4096;  // a small file must not need much memory
    const std::size_t size = byteSize(dense.type, dense.dims),
                      element = static_cast<std::size_t>(sdk::elementBits(dense.type) / 8);
    if (size > kFree + kGrowth * values.data.size() || element == 0 || dense.type == DataType::string)
        reject(name, "a sparse tensor of this type and size is not supported");
    if (indices.type != DataType::i64 || indices.dims.empty()) reject(name, "sparse indices must be int64 of rank 1 or 2");
    dense.data = Blob::allocate(size);
    const std::int64_t count = elementCount(values.dims),
                       width = indices.dims.size() == 1 ? 1 : static_cast<std::int64_t>(dense.dims.size());
    if (elementCount(indices.dims) != count * width) reject(name, "sparse indices and values differ in number");
    const auto* at = reinterpret_cast<const std::int64_t*>(indices.data.data());
    for (std::int64_t i = 0; i < count; ++i) {
        std::int64_t offset = width == 1 && indices.dims.size() == 1 ? at[i] : 0;
        for (std::int64_t d = 0; indices.dims.size() == 2 && d < width; ++d) {
            const std::int64_t c = at[i * width + d], extent = dense.dims[static_cast<std::size_t>(d)];
            if (c < 0 || c >= extent) reject(name, "a sparse index lies outside its shape");
            offset = offset * extent + c;
        }
        if (offset < 0 || offset >= elementCount(dense.dims)) reject(name, "a sparse index lies outside its shape");
        std::memcpy(dense.data.mutableData() + static_cast<std::size_t>(offset) * element,
                    values.data.data() + static_cast<std::size_t>(i) * element, element);
    }
    return dense;
}

onnx::TensorProto toProto(const std::string& name, const TensorValue& value) {
    onnx::TensorProto proto;
    proto.set_name(name);
    proto.set_data_type(static_cast<std::int32_t>(value.type));
    for (const std::int64_t d : value.dims)
        proto.add_dims(d);
    if (value.type == DataType::string) {
        const auto* refs = reinterpret_cast<const abi::StringRef*>(value.data.data());
        for (std::int64_t i = 0; i < elementCount(value.dims); ++i)
            proto.add_string_data(std::string(refs[i].data, refs[i].size));
    } else {
        proto.set_raw_data(value.data.data(), value.data.size());
    }
    return proto;
}

}  // namespace tenon
