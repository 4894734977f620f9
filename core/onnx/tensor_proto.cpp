#include "tensor_proto.h"

#include <tenon/error.h>
#include <tenon/sdk/number.h>

#include <algorithm>
#include <cstring>

#include "names.h"

namespace tenon {

namespace {
[[noreturn]] void reject(const std::string& name, const std::string& what) {
    throw Error(ErrorCode::badInput, "tensor " + shownName(name) + ": " + what);
}

template <class Proto>
Dims dimsOf(const std::string& name, const Proto& proto) {
    if (proto.dims_size() > abi::kMaxRank)
        reject(name, std::to_string(proto.dims_size()) + " dimensions; at most 16 are supported");
    return {proto.dims().begin(), proto.dims().end()};
}
Dims dimsOf(const onnx::TensorProto& proto) { return dimsOf(proto.name(), proto); }

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

// Data has one place: raw_data, the field of its type, or a file.
void checkPlaces(const onnx::TensorProto& proto) {
    const bool isTyped = proto.float_data_size() + proto.double_data_size() + proto.int32_data_size() + proto.int64_data_size() +
                             proto.uint64_data_size() + proto.string_data_size() >
                         0;
    const bool isExternal = proto.data_location() == onnx::TensorProto::EXTERNAL;
    const bool isRaw = !proto.raw_data().empty();
    if (int{isTyped} + int{isExternal} + int{isRaw} > 1) reject(proto.name(), "its data is given in two places");
    if (proto.data_type() == onnx::TensorProto::STRING && (isExternal || isRaw))
        reject(proto.name(), "strings must be given as string_data");
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

DataType dataTypeOf(const onnx::TypeProto& type, const std::string& what) {
    const onnx::TypeProto* t = &type;
    std::int32_t flags = 0;
    const auto inner = [&](std::int32_t flag, const onnx::TypeProto& next) {
        if (flags != 0 && flag >= (flags & -flags)) t = nullptr;  // the order of the flags is that of the nesting
        flags |= flag;
        if (t != nullptr) t = &next;
    };
    for (int depth = 0; depth < 3 && t != nullptr && !t->has_tensor_type(); ++depth) {
        if (t->has_optional_type()) inner(abi::kOptionalFlag, t->optional_type().elem_type());
        else if (t->has_sequence_type()) inner(abi::kSequenceFlag, t->sequence_type().elem_type());
        else if (t->has_map_type())
            inner(t->map_type().key_type() == onnx::TensorProto::STRING ? abi::kMapStringFlag : abi::kMapInt64Flag,
                  t->map_type().value_type());
        else t = nullptr;
    }
    if (t == nullptr || !t->has_tensor_type())
        throw Error(ErrorCode::unsupported, what + ": neither a tensor nor an optional, sequence or map of tensors");
    return abi::withFlags(dataTypeOf(t->tensor_type().elem_type(), what), flags);
}

TensorValue fromProto(const onnx::TensorProto& proto, const TensorSource& source) {
    TensorValue value;
    value.type = dataTypeOf(proto.data_type(), "tensor " + shownName(proto.name()));
    value.dims = dimsOf(proto);
    const std::size_t size = byteSize(value.type, value.dims);
    if (proto.has_segment()) reject(proto.name(), "segmented data is not supported");
    checkPlaces(proto);
    if (value.type == DataType::string) value.data = strings(proto, elementCount(value.dims));
    else if (proto.data_location() == onnx::TensorProto::EXTERNAL) value.data = externalData(proto, source, value.type, size);
    else if (proto.has_raw_data()) value.data = rawData(proto, value.type, size, source);
    else value.data = typedData(proto, value.type, value.dims);
    if (value.type == DataType::boolean)  // kernels read bools as 0 or 1
        for (std::size_t i = 0; i < size; ++i)
            if (std::to_integer<int>(value.data.data()[i]) > 1) reject(proto.name(), "a bool is neither 0 nor 1");
    return value;
}

namespace {
// COO indices, either linear [NNZ] or one a dimension [NNZ, rank], as linear ones.
std::vector<std::int64_t> linearIndices(const std::string& name, const TensorValue& indices, const TensorValue& dense,
                                        std::int64_t count) {
    const auto rank = static_cast<std::int64_t>(dense.dims.size());
    const bool isLinear = indices.dims == Dims{count};
    if (indices.type != DataType::i64 || !(isLinear || indices.dims == Dims{count, rank}))
        reject(name, std::string("its indices are ") + typeName(indices.type) + toString(indices.dims) + ", not int64" +
                         toString(Dims{count}) + " or int64" + toString(Dims{count, rank}));
    const auto* at = reinterpret_cast<const std::int64_t*>(indices.data.data());
    const std::int64_t size = elementCount(dense.dims);
    std::vector<std::int64_t> linear(static_cast<std::size_t>(count));
    for (std::int64_t& offset : linear) {
        if (isLinear) offset = *at++;
        for (std::size_t d = 0; !isLinear && d < dense.dims.size(); ++d) {
            const std::int64_t c = *at++;
            if (c < 0 || c >= dense.dims[d]) reject(name, "a sparse index lies outside its shape");
            offset = offset * dense.dims[d] + c;
        }
        if (offset < 0 || offset >= size) reject(name, "a sparse index lies outside its shape");
        if (&offset != linear.data() && offset <= *(&offset - 1)) reject(name, "its indices are not ascending");
    }
    return linear;
}
}  // namespace

TensorValue fromSparseProto(const onnx::SparseTensorProto& proto, const TensorSource& source) {
    const std::string& name = proto.values().name();
    const TensorValue values = fromProto(proto.values(), source), indices = fromProto(proto.indices(), source);
    TensorValue dense{values.type, dimsOf(name, proto), {}};
    const auto element = static_cast<std::size_t>(sdk::elementBits(dense.type) / 8);
    if (element == 0 || dense.type == DataType::string) reject(name, "sparse tensors of this type are not supported");
    if (values.dims.size() != 1) reject(name, "the values of a sparse tensor have one dimension");
    const std::vector<std::int64_t> at = linearIndices(name, indices, dense, values.dims[0]);
    const std::size_t size = byteSize(dense.type, dense.dims);
    const std::size_t growth = size - std::min(size, kSparseGrowth * values.data.size());
    if (source.memory == nullptr || growth > source.memory->sparseLeft)
        reject(name, "expanding sparse tensors needs too much memory for a model of this size");
    source.memory->sparseLeft -= growth;
    dense.data = Blob::allocate(size);
    for (std::size_t i = 0; i < at.size(); ++i)
        std::memcpy(dense.data.mutableData() + static_cast<std::size_t>(at[i]) * element, values.data.data() + i * element,
                    element);
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
