// What importer tests share: models written as text, imported from memory, run.
#pragma once

#include <onnx/defs/parser.h>
#include <onnx/onnx_pb.h>
#include <tenon/onnx.h>

#include "../core/testing.h"
#include "graph/graph.h"

namespace tenon::testing {

// `text` is ONNX's textual form, without the model's heading.
inline onnx::ModelProto model(int opset, const std::string& text) {
    onnx::ModelProto proto;
    const std::string heading = "<ir_version: 8, opset_import: [\"\" : " + std::to_string(opset) + ", \"acme\" : 1]>\n";
    const std::string whole = heading + text;  // the parser keeps a pointer into it
    onnx::OnnxParser parser(whole.c_str());
    const auto status = parser.Parse(proto);
    if (!status.IsOK()) ADD_FAILURE() << status.ErrorMessage();
    return proto;
}

inline Network import(const std::string& bytes, const std::string& folder = "") {
    return importOnnx(std::as_bytes(std::span(bytes)), registry(), folder);
}
inline Network import(const onnx::ModelProto& proto) { return import(proto.SerializeAsString()); }
inline std::string importError(const onnx::ModelProto& proto) {
    return errorOf([&] { import(proto); });
}

inline std::vector<TensorValue> run(const onnx::ModelProto& proto, const std::vector<TensorValue>& inputs) {
    return build(import(proto)).createContext()->run(inputs);
}
// The only output of a model of opset `opset`.
inline std::vector<float> runFloats(int opset, const std::string& text, const std::vector<TensorValue>& inputs) {
    return toFloats(run(model(opset, text), inputs).at(0));
}

inline std::vector<std::string> operators(const Network& network) {
    std::vector<std::string> names;
    for (const Layer& layer : network.graph().layers)
        names.push_back(layer.op);
    return names;
}

using Floats = std::vector<float>;
using Names = std::vector<std::string>;

}  // namespace tenon::testing
