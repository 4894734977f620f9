// .pb files of one value: TensorProto, SequenceProto, OptionalProto.
#include <onnx/onnx-data_pb.h>
#include <tenon/builder.h>
#include <tenon/error.h>
#include <tenon/onnx.h>

#include <cstring>

#include "plan/plan_file.h"
#include "tensor_proto.h"

namespace tenon {

namespace {
TensorValue valueOf(const onnx::SequenceProto& proto, DataType type);

// Scalars of one type as a tensor of rank 1: the values of a map.
TensorValue joined(const std::vector<TensorValue>& scalars, DataType type) {
    TensorValue all{type, {static_cast<std::int64_t>(scalars.size())}, {}};
    const std::size_t size = byteSize(type, {});
    all.data = Blob::allocate(size * scalars.size());
    for (std::size_t i = 0; i < scalars.size(); ++i) {
        if (scalars[i].type != type || scalars[i].data.size() != size)
            throw Error(ErrorCode::unsupported, "a value of a map is not one " + std::string(typeName(type)));
        std::memcpy(all.data.mutableData() + i * size, scalars[i].data.data(), size);
    }
    return ownedCopy(all);
}

TensorValue valueOf(const onnx::MapProto& proto, DataType type) {
    onnx::TensorProto keys;
    keys.set_name("keys");
    const bool isText = (abi::flagsOf(type) & abi::kMapStringFlag) != 0;
    keys.set_data_type(isText ? onnx::TensorProto::STRING : onnx::TensorProto::INT64);
    keys.add_dims(isText ? proto.string_keys_size() : proto.keys_size());
    *keys.mutable_string_data() = proto.string_keys();
    *keys.mutable_int64_data() = proto.keys();
    std::vector<TensorValue> scalars;
    for (const auto& t : proto.values().tensor_values())
        scalars.push_back(fromProto(t, {}));
    return makeComposite(type, {fromProto(keys, {}), joined(scalars, abi::elementOf(type))});
}

TensorValue valueOf(const onnx::OptionalProto& proto, DataType type) {
    std::vector<TensorValue> items;
    if (proto.has_tensor_value()) items.push_back(fromProto(proto.tensor_value(), {}));
    else if (proto.has_sequence_value()) items.push_back(valueOf(proto.sequence_value(), abi::itemOf(type)));
    else if (proto.has_map_value()) items.push_back(valueOf(proto.map_value(), abi::itemOf(type)));
    return makeComposite(type, items);
}

TensorValue valueOf(const onnx::SequenceProto& proto, DataType type) {
    std::vector<TensorValue> items;
    for (const auto& t : proto.tensor_values())
        items.push_back(fromProto(t, {}));
    for (const auto& m : proto.map_values())
        items.push_back(valueOf(m, abi::itemOf(type)));
    return makeComposite(type, items);
}

template <class Proto>
Proto parse(const std::string& path, const char* what) {
    const Blob file = mapFile(path);
    Proto proto;
    if (file.size() > INT32_MAX || !proto.ParseFromArray(file.data(), static_cast<int>(file.size())))
        throw Error(ErrorCode::badInput, path + ": no ONNX " + what);
    return proto;
}

// Every item has the type that the value's type says.
void checkItems(const TensorValue& value) {
    if (!abi::isComposite(value.type)) return;
    const bool isMap = (abi::flagsOf(value.type) & (abi::kSequenceFlag | abi::kOptionalFlag)) == 0;
    for (const TensorValue& item : itemsOf(value)) {
        if (!isMap && item.type != abi::itemOf(value.type))
            throw Error(ErrorCode::badInput,
                        std::string("an item is ") + typeName(item.type) + ", not as in " + typeName(value.type));
        checkItems(item);
    }
}
}  // namespace

TensorValue readTensorProto(const std::string& path) {
    const auto proto = parse<onnx::TensorProto>(path, "TensorProto (a sequence, optional or another file?)");
    if (proto.data_type() == 0) throw Error(ErrorCode::unsupported, path + ": holds no tensor (a sequence or optional?)");
    try {
        return fromProto(proto, {});
    } catch (const Error& e) {
        throw Error(e.code(), path + ": " + e.what());
    }
}

TensorValue readValueProto(const std::string& path, DataType type) {
    if (!abi::isComposite(type)) return readTensorProto(path);
    const std::int32_t flags = abi::flagsOf(type);
    try {
        TensorValue value = (flags & abi::kOptionalFlag) != 0   ? valueOf(parse<onnx::OptionalProto>(path, "OptionalProto"), type)
                            : (flags & abi::kSequenceFlag) != 0 ? valueOf(parse<onnx::SequenceProto>(path, "SequenceProto"), type)
                                                                : valueOf(parse<onnx::MapProto>(path, "MapProto"), type);
        checkItems(value);
        return value;
    } catch (const Error& e) {
        throw Error(e.code(), path + ": " + e.what());
    }
}

void writeTensorProto(const std::string& path, const std::string& name, const TensorValue& value) {
    const std::string bytes = toProto(name, value).SerializeAsString();
    writeFile(path, std::as_bytes(std::span(bytes)));
}

}  // namespace tenon
