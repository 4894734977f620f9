// Reading ONNX models.
#pragma once

#include <tenon/network.h>

#include <span>

namespace tenon {

class Registry;

// Reads a model file; weights in external files (inside the model's folder) and large initializers are mapped, not copied.
// Throws Error: one message that lists everything that stands in the way.  [any thread]
Network importOnnx(const std::string& path, const Registry& registry);

// Reads a model from memory, which must stay valid during the call. `folder` is where external data lies ("": there may be none).
Network importOnnx(std::span<const std::byte> model, const Registry& registry, const std::string& folder = "");

// Reads and writes ONNX TensorProto files (.pb).
TensorValue readTensorProto(const std::string& path);
void writeTensorProto(const std::string& path, const std::string& name, const TensorValue& value);

}  // namespace tenon
