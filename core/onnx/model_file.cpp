#include "model_file.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <tenon/error.h>
#include <tenon/logger.h>

#include <filesystem>
#include <string_view>

#include "names.h"
#include "plan/plan_file.h"
#include "wire_check.h"

namespace tenon {

namespace {
constexpr int kRecursionLimit = kMostNestedMessages + 20;  // wire_check says it first, and better
constexpr std::int64_t kNewestKnownIr = 14, kNewestPlausibleIr = 1000;
constexpr std::int64_t kNewestKnownOpset = 28;

struct Magic {
    std::string_view start;  // lower case
    const char* what;
};
constexpr Magic kMagics[] = {
    {"<!doctype", "this is a web page, not a model; download the raw file"},
    {"<?xml", "this is an XML file, not an ONNX model"},
    {"<html", "this is a web page, not a model; download the raw file"},
    {"\x1f\x8b", "this is a gzip-compressed file; unpack it first"},
    {"\x7f"
     "elf",
     "this is a program or library, not an ONNX model"},
    {"\x89hdf", "this is an HDF5 file (Keras?), not an ONNX model; export it to ONNX first"},
    {"pk\x03\x04", "this is a zip archive (PyTorch?), not an ONNX model; unpack or export it first"},
    {"tenonpln", "this is a Tenon plan, not an ONNX model; use it with `tenon run` or `tenon bench`"},
    {"version https://git-lfs", "this is a Git LFS pointer, not the model itself; run `git lfs pull`"},
    {"{", "this is JSON text, not an ONNX model"},
};

// What the first bytes say the file is instead of a model; empty when they say nothing.
std::string otherFile(std::string_view text) {
    const std::size_t skip = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    const std::size_t first = std::min(text.find_first_not_of(" \t\r\n", skip), text.size());
    std::string lower(text.substr(first, 32));
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    // A model may start with 0x0a, which is a line feed; so text after white space counts only when it is a long word.
    for (const Magic& magic : kMagics)
        if (lower.starts_with(magic.start) && (first == skip || magic.start.size() > 4)) return magic.what;
    return "";
}

void warnOfNewer(const onnx::ModelProto& proto, const std::string& name) {
    const auto warn = [&](const std::string& what) {
        log(LogLevel::warning, LogTopic::import, name + ": " + what + " is newer than what this importer was written for");
    };
    if (proto.ir_version() > kNewestKnownIr) warn("ir_version " + std::to_string(proto.ir_version()));
    for (const auto& opset : proto.opset_import())
        if (domainOf(opset.domain()).empty() && opset.version() > kNewestKnownOpset)
            warn("operator set " + std::to_string(opset.version()));
}

void checkVersions(const onnx::ModelProto& proto) {
    const auto reject = [](const std::string& what) { throw Error(ErrorCode::badInput, what); };
    if (proto.ir_version() < 1 || proto.ir_version() > kNewestPlausibleIr)
        reject(proto.has_ir_version() ? "ir_version " + std::to_string(proto.ir_version()) + " does not exist"
                                      : "the model has no ir_version");
    if (proto.opset_import_size() == 0 && proto.ir_version() >= 3)
        reject("the model imports no operator set (opset_import is empty)");
    for (const auto& opset : proto.opset_import()) {
        if (!isUtf8(opset.domain())) reject("the imported domain " + shownName(opset.domain()) + " is not UTF-8");
        if (opset.version() < 1 || opset.version() > INT32_MAX)
            reject("opset_import asks for version " + std::to_string(opset.version()) + " of domain " +
                   shownName(opset.domain()) + ", which does not exist");
    }
}
}  // namespace

ModelFile parseModel(const std::byte* data, std::size_t size, const std::string& folder, const std::string& name) {
    const auto reject = [&](const std::string& what) { throw Error(ErrorCode::badInput, name + ": " + what); };
    if (size == 0) reject("the model is empty");
    if (const std::string other = otherFile({reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 128)});
        !other.empty())
        reject(other);
    if (size > INT32_MAX) reject("protobuf cannot read models of 2 GiB and more; keep the weights in external data files");
    if (const std::string problem = framingProblem({data, size}); !problem.empty()) reject("not an ONNX model: " + problem);
    google::protobuf::io::ArrayInputStream stream(data, static_cast<int>(size));
    google::protobuf::io::CodedInputStream coded(&stream);
    coded.SetRecursionLimit(kRecursionLimit);
    auto proto = std::make_shared<onnx::ModelProto>();
    if (!proto->ParseFromCodedStream(&coded) || !coded.ConsumedEntireMessage())
        reject("not an ONNX model, or damaged: protobuf cannot parse it");
    if (!proto->has_graph() || (proto->graph().node_size() == 0 && proto->graph().output_size() == 0))
        reject("not an ONNX model, or truncated: it has no graph");
    try {
        checkVersions(*proto);
    } catch (const Error& e) {
        reject(e.what());
    }
    warnOfNewer(*proto, name);
    return {std::move(proto), folder, name};
}

ModelFile readModel(const std::string& path) {
    const Blob file = mapFile(path);
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    return parseModel(file.data(), file.size(), folder.empty() ? "." : folder.string(), path);
}

}  // namespace tenon
