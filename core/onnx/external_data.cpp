// External tensor data: only regular files inside the model's folder.
#include <tenon/error.h>
#include <tenon/sdk/number.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "names.h"
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
    throw Error(ErrorCode::badInput, "tensor " + shownName(proto.name()) + ": external data: " + what);
}

std::uint64_t number(const onnx::TensorProto& proto, const std::string& text) {
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string::npos)
        reject(proto, shownName(text) + " is no offset or length");
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
    if (relative.find('\0') != std::string::npos) reject(proto, shownName(relative) + " is no file name");
    if (folder.empty()) reject(proto, "the model was loaded from memory without a folder");
    if (path.is_absolute()) reject(proto, shownName(relative) + " is an absolute path; it must lie in the model's folder");
    std::error_code error;
    const fs::path root = fs::canonical(folder, error);
    const fs::path real = error ? fs::path() : fs::canonical(root / path, error);
    if (error) reject(proto, shownName(relative) + " cannot be found in " + folder);
    const auto outside = std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first != root.end();
    if (outside) reject(proto, shownName(relative) + " leaves the model's folder " + folder);
    if (!fs::is_regular_file(real, error)) reject(proto, shownName(relative) + " is not a regular file");
    return real.string();
}
}  // namespace

Blob externalData(const onnx::TensorProto& proto, const TensorSource& source, DataType type, std::size_t wanted) {
    const Location location = locationOf(proto);
    const std::string path = resolve(proto, location.path, source.folder);
    const std::uint64_t length = location.length.value_or(wanted);
    if (length != wanted) reject(proto, std::to_string(length) + " bytes given, its shape needs " + std::to_string(wanted));
    if (wanted == 0) return {};
    if (source.memory == nullptr) reject(proto, "is not allowed here");
    Blob& file = source.memory->files[path];
    if (file.data() == nullptr) file = mapFile(path);
    if (location.offset > file.size() || wanted > file.size() - location.offset)
        reject(proto, shownName(location.path) + " has " + std::to_string(file.size()) + " bytes, offset " +
                          std::to_string(location.offset) + " and length " + std::to_string(wanted) + " go beyond them");
    const auto alignment = static_cast<std::uint64_t>(std::max(8, sdk::elementBits(type)) / 8);
    const bool isAligned = location.offset % alignment == 0;
    const std::byte* data = file.data() + location.offset;
    if (isAligned && type != DataType::boolean) return Blob::view(data, wanted, file.owner());
    if (wanted > source.memory->externalReadLeft)
        reject(proto, isAligned ? "there are too many bools"
                                : "offset " + std::to_string(location.offset) + " must be a multiple of " +
                                      std::to_string(alignment) + " for so many bytes");
    source.memory->externalReadLeft -= wanted;
    return Blob::copyOf(data, wanted);
}

}  // namespace tenon
