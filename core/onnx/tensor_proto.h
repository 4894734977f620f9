// ONNX TensorProto in every form it may have, to and from TensorValue.
#pragma once

#include <onnx/onnx_pb.h>
#include <tenon/tensor.h>

#include <map>

namespace tenon {

// Dense bytes of all sparse tensors of a model: at most kSparseBytes, and kSparseGrowth times the bytes of their values.
constexpr std::size_t kSparseBytes = std::size_t{256} << 20, kSparseGrowth = 64;
// Bytes of external data that cannot stay mapped: tensors at offsets that do not suit their type, and bools, which are checked.
constexpr std::size_t kExternalReadBytes = std::size_t{1} << 30;

// What the tensors of one model share.
struct TensorMemory {
    std::size_t sparseLeft = kSparseBytes, externalReadLeft = kExternalReadBytes;
    std::map<std::string, Blob> files = {};  // mapped, by real path
};

// Where external tensor data may lie, and what keeps in-memory data alive.
struct TensorSource {
    std::string folder;                 // of the model; empty: external data is not allowed
    std::shared_ptr<const void> owner;  // of the TensorProto; null: data is copied
    TensorMemory* memory = nullptr;     // null: neither sparse tensors nor external data
};

// Throws Error that names the tensor: unknown type, negative or overflowing dims, a data size that does not fit, bad external
// data.
TensorValue fromProto(const onnx::TensorProto& proto, const TensorSource& source);
TensorValue fromSparseProto(const onnx::SparseTensorProto& proto, const TensorSource& source);
onnx::TensorProto toProto(const std::string& name, const TensorValue& value);

// The data type of an ONNX code; Error for one that is unknown.
DataType dataTypeOf(std::int32_t code, const std::string& what);
// A tensor, or an optional of a sequence of a map of tensors, each of the three or none of them; Error for other nestings.
DataType dataTypeOf(const onnx::TypeProto& type, const std::string& what);

// Bytes of the file that external_data entries name, mapped where possible. Throws Error when the path leaves the folder, is no
// regular file, or offset and length do not fit.
Blob externalData(const onnx::TensorProto& proto, const TensorSource& source, DataType type, std::size_t wanted);

}  // namespace tenon
