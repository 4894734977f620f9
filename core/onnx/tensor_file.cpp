// .pb files of one TensorProto.
#include <tenon/builder.h>
#include <tenon/error.h>
#include <tenon/onnx.h>

#include "plan/plan_file.h"
#include "tensor_proto.h"

namespace tenon {

TensorValue readTensorProto(const std::string& path) {
    const Blob file = mapFile(path);
    onnx::TensorProto proto;
    if (file.size() > INT32_MAX || !proto.ParseFromArray(file.data(), static_cast<int>(file.size())))
        throw Error(ErrorCode::badInput, path + ": no ONNX TensorProto (a sequence, optional or another file?)");
    if (proto.data_type() == 0) throw Error(ErrorCode::unsupported, path + ": holds no tensor (a sequence or optional?)");
    try {
        return fromProto(proto, {});
    } catch (const Error& e) {
        throw Error(e.code(), path + ": " + e.what());
    }
}

void writeTensorProto(const std::string& path, const std::string& name, const TensorValue& value) {
    const std::string bytes = toProto(name, value).SerializeAsString();
    writeFile(path, std::as_bytes(std::span(bytes)));
}

}  // namespace tenon
