#include "file_bytes.h"

#include <tenon/error.h>

#include <filesystem>
#include <fstream>

namespace tenon::cli {

namespace {
// Checked first, because opening a pipe would wait.
std::ifstream openRegular(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) throw Error(ErrorCode::badInput, path + ": there is no such file");
    if (!std::filesystem::is_regular_file(path, error)) throw Error(ErrorCode::badInput, path + ": is not a regular file");
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Error(ErrorCode::badInput, path + ": cannot be read");
    return file;
}
}  // namespace

std::string readFileStart(const std::string& path, std::size_t count) {
    std::ifstream file = openRegular(path);
    std::string bytes(count, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(count));
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    return bytes;
}

std::string readFileBytes(const std::string& path) {
    std::ifstream file = openRegular(path);
    std::string bytes;
    bytes.resize(std::filesystem::file_size(path));
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (static_cast<std::size_t>(file.gcount()) != bytes.size())
        throw Error(ErrorCode::badInput, path + ": cannot be read to its end");
    return bytes;
}

}  // namespace tenon::cli
