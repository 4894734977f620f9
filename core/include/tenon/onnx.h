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
// One operator that a model uses, nested graphs and the functions it calls included.
struct OperatorSupport {
    std::string domain, name;
    std::int64_t version = 0;            // that the model imports of the domain
    std::size_t count = 0;               // nodes
    std::vector<std::string> nodes;      // the first of them
    std::vector<std::string> providers;  // "reference of microsoft"; empty: nobody has it
    std::vector<std::string> similar;    // names like it, when nobody has it
};

// All operators of a model file, sorted by domain and name, whether or not it could be imported. Throws Error when it is no
// model.
std::vector<OperatorSupport> surveyOperators(const std::string& path, const Registry& registry);

// A file of one TensorProto, SequenceProto, OptionalProto or MapProto, as `type` says; Error when it holds something else.
TensorValue readValueProto(const std::string& path, DataType type);
void writeTensorProto(const std::string& path, const std::string& name, const TensorValue& value);

}  // namespace tenon
