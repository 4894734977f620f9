// External tensor data: only regular files inside the model's folder.
#include <tenon/error.h>

#include <filesystem>
#include <optional>

#include "plan/plan_file.h"
#include "tensor_proto.h"

namespace tenon {

namespace {
namespace fs = std::filesystem;

struct Location {
    std::string path;
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> length;
};

[[noreturn]] void reject(const onnx::TensorProto& proto, const std::string& what) {
    throw Error(ErrorCode::badInput, "tensor '" + proto.name() + "': external data: " + what);
}

std::uint64_t number(const onnx::TensorProto& proto, const std::string& text) {
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos)
        reject(proto, "'" + text + "' is no offset or length");
    return std::stoull(text);
}

Location locationOf(const onnx::TensorProto& proto) {
    Location location;
    for (const auto& entry : proto.external_data()) {
        if (entry.key() == "location") location.path = entry.value();
        if (entry.key() == "offset") location.offset = number(proto, entry.value());
        if (entry.key() == "length") location.length = number(proto, entry.value());
    }
    if (location.path.empty()) reject(proto, "no location is given");
    return location;
}

// The file's real path; symlinks may not lead out of the folder.
std::string resolve(const onnx::TensorProto& proto, const std::string& relative, const std::string& folder) {
    const fs::path path(relative);
    if (folder.empty()) reject(proto, "the model was loaded from memory without a folder");
    if (path.is_absolute()) reject(proto, "'" + relative + "' is an absolute path; it must lie in the model's folder");
    std::error_code error;
    const fs::path root = fs::canonical(folder, error);
    const fs::path real = error ? fs::path() : fs::canonical(root / path, error);
    if (error) reject(proto, "'" + relative + "' cannot be found in " + folder);
    const auto outside = std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first != root.end();
    if (outside) reject(proto, "'" + relative + "' leaves the model's folder " + folder);
    if (!fs::is_regular_file(real, error)) reject(proto, "'" + relative + "' is not a regular file");
    return real.string();
}
}  // namespace

Blob externalData(const onnx::TensorProto& proto, const std::string& folder, std::size_t wanted) {
    const Location location = locationOf(proto);
    const std::string path = resolve(proto, location.path, folder);
    const std::uint64_t length = location.length.value_or(wanted);
    if (length != wanted) reject(proto, std::to_string(length) + " bytes given, its shape needs " + std::to_string(wanted));
    if (wanted == 0) return {};
    const Blob file = mapFile(path);
    if (location.offset > file.size() || wanted > file.size() - location.offset)
        reject(proto, "'" + location.path + "' has " + std::to_string(file.size()) + " bytes, offset " +
                          std::to_string(location.offset) + " and length " + std::to_string(wanted) + " go beyond them");
    constexpr std::uint64_t kAligned = 16;
    const std::byte* data = file.data() + location.offset;
    return location.offset % kAligned == 0 ? Blob::view(data, wanted, file.owner()) : Blob::copyOf(data, wanted);
}

}  // namespace tenon
