// An ONNX file as a parsed model, with the checks that come before looking at its graph.
#pragma once

#include <onnx/onnx_pb.h>
#include <tenon/tensor.h>

namespace tenon {

struct ModelFile {
    std::shared_ptr<const onnx::ModelProto> proto;
    std::string folder;  // where external data may lie; empty: nowhere
    std::string name;    // for messages
};

// Throws Error: no such file, not a regular file, empty, a web page, a Git LFS pointer, damaged, no graph, no opset.
ModelFile readModel(const std::string& path);
ModelFile parseModel(const std::byte* data, std::size_t size, const std::string& folder, const std::string& name);

}  // namespace tenon
