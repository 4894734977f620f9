// ONNX TensorProto in every form it may have, to and from TensorValue.
#pragma once

#include <onnx/onnx_pb.h>
#include <tenon/tensor.h>

namespace tenon {

// Where external tensor data may lie, and what keeps in-memory data alive.
struct TensorSource {
    std::string folder;                 // of the model; empty: external data is not allowed
    std::shared_ptr<const void> owner;  // of the TensorProto; null: data is copied
};

// Throws Error that names the tensor: unknown type, negative or overflowing dims, a data size that does not fit, bad external
// data.
TensorValue fromProto(const onnx::TensorProto& proto, const TensorSource& source);
TensorValue fromSparseProto(const onnx::SparseTensorProto& proto, const TensorSource& source);
onnx::TensorProto toProto(const std::string& name, const TensorValue& value);

// The data type of an ONNX code; Error for one that is unknown.
DataType dataTypeOf(std::int32_t code, const std::string& what);

// Bytes of the file that external_data entries name; mapped, not copied, when the offset is aligned. Throws Error when the path
// leaves the folder, is no regular file, or offset and length do not fit.
Blob externalData(const onnx::TensorProto& proto, const std::string& folder, std::size_t wanted);

}  // namespace tenon
