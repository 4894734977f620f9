#include "scan_cache.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "library_file.h"
#include "record_text.h"

namespace tenon {

namespace {
// First line of the file: what must match for its entries to mean anything to this build.
std::string header() {
    return "tenon scan cache 1 abi " + std::to_string(abi::kAbiVersion) + " flags " + std::to_string(hostBuildFlags()) + "\n";
}

}  // namespace

std::string stampOf(const std::string& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) return "";
    return std::to_string(info.st_size) + " " + std::to_string(info.st_mtim.tv_sec) + "." + std::to_string(info.st_mtim.tv_nsec);
}

std::string ScanCache::defaultPath() {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::string(value == nullptr ? "" : value);
    };
    if (const std::string dir = variable("TENON_CACHE_DIR"); !dir.empty()) return dir + "/scan_cache";
    if (const std::string dir = variable("XDG_CACHE_HOME"); !dir.empty()) return dir + "/tenon/scan_cache";
    if (const std::string dir = variable("HOME"); !dir.empty()) return dir + "/.cache/tenon/scan_cache";
    return "";
}

ScanCache::ScanCache(std::string path) : path_(std::move(path)) {
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream all;
    all << file.rdbuf();
    const std::string text = all.str();
    if (!text.starts_with(header())) return;
    std::string_view rest = std::string_view(text).substr(header().size());
    try {
        while (!rest.empty()) {  // entries: "stamp <stamp>\n", then a record, which ends in "\nend\n"
            const std::size_t newline = rest.find('\n');
            const std::size_t end = rest.find("\nend\n");
            if (!rest.starts_with("stamp ") || end == std::string_view::npos || end < newline)
                throw Error(ErrorCode::badInput, "damaged");
            LibraryRecord record = recordFromText(rest.substr(newline + 1, end + 5 - newline - 1));
            const std::string library = record.path;
            entries_[library] = {std::string(rest.substr(6, newline - 6)), std::move(record)};
            rest.remove_prefix(end + 5);
        }
    } catch (const Error&) {
        entries_.clear();
        hostServices().log(abi::Severity::warning, "registry",
                           ("the scan cache " + path_ + " is damaged and will be made anew").c_str());
    }
}

const LibraryRecord* ScanCache::find(const std::string& library, const std::string& stamp) const {
    const auto found = entries_.find(library);
    return found == entries_.end() || stamp.empty() || found->second.stamp != stamp ? nullptr : &found->second.record;
}

void ScanCache::insert(const LibraryRecord& record, const std::string& stamp) {
    entries_[record.path] = {stamp, record};
    isChanged_ = true;
}

void ScanCache::save() const {
    if (!isChanged_ || path_.empty()) return;
    std::error_code error;
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), error);
    std::string temporary = path_ + ".XXXXXX";
    const int fd = mkstemp(temporary.data());
    if (fd < 0) return;
    close(fd);
    std::ofstream file(temporary, std::ios::binary);
    file << header();
    for (const auto& [path, entry] : entries_)
        if (!stampOf(path).empty()) file << "stamp " << entry.stamp << "\n" << toText(entry.record);
    file.close();
    if (file) std::filesystem::rename(temporary, path_, error);
    if (!file || error) std::filesystem::remove(temporary, error);
}

}  // namespace tenon
