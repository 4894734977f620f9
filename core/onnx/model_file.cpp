#include "model_file.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <tenon/error.h>

#include <filesystem>
#include <string_view>

#include "plan/plan_file.h"

namespace tenon {

namespace {
// Nested messages: a graph inside a node's attribute costs three levels.
constexpr int kRecursionLimit = 600;

std::string notAModel(std::string_view text) {
    if (text.starts_with("version https://git-lfs")) return "this is a Git LFS pointer, not the model itself; run `git lfs pull`";
    if (text.starts_with("<!DOCTYPE") || text.starts_with("<!doctype") || text.starts_with("<html") || text.starts_with("<?xml"))
        return "this is a web page, not a model; download the raw file";
    if (text.starts_with("TENONPLN")) return "this is a Tenon plan, not an ONNX model; use it with `tenon run` or `tenon bench`";
    if (text.starts_with("PK\x03\x04")) return "this is a zip archive, not an ONNX model; unpack it first";
    return "not an ONNX model, or truncated";
}
}  // namespace

ModelFile parseModel(const std::byte* data, std::size_t size, const std::string& folder, const std::string& name) {
    const auto reject = [&](const std::string& what) { throw Error(ErrorCode::badInput, name + ": " + what); };
    const std::string_view text(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 64));
    if (size == 0) reject("the model is empty");
    if (size > INT32_MAX) reject("protobuf cannot read models of 2 GiB and more; keep the weights in external data files");
    google::protobuf::io::ArrayInputStream stream(data, static_cast<int>(size));
    google::protobuf::io::CodedInputStream coded(&stream);
    coded.SetRecursionLimit(kRecursionLimit);
    auto proto = std::make_shared<onnx::ModelProto>();
    if (!proto->ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage()) reject(notAModel(text));
    if (!proto->has_graph() || (proto->graph().node_size() == 0 && proto->graph().output_size() == 0)) reject("the model has no graph: " + notAModel(text));
    if (proto->opset_import_size() == 0 && proto->ir_version() >= 3) reject("the model imports no operator set (opset_import is empty)");
    return {std::move(proto), folder, name};
}

ModelFile readModel(const std::string& path) {
    const Blob file = mapFile(path);
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    return parseModel(file.data(), file.size(), folder.empty() ? "." : folder.string(), path);
}

}  // namespace tenon
