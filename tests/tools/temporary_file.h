// A file that lives as long as the object.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace tenon::cli {

class TemporaryFile {
public:
    TemporaryFile(const std::string& ending, const std::string& bytes)
        : path_((std::filesystem::temp_directory_path() / ("tenon_tools_test_" + std::to_string(getpid()) + ending)).string()) {
        std::ofstream(path_, std::ios::binary) << bytes;
    }
    ~TemporaryFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace tenon::cli
