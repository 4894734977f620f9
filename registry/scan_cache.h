// Records of libraries seen before, keyed by path, size and modification time.
#pragma once

#include <tenon/registry/registry.h>

#include <map>

namespace tenon {

// Size and modification time in nanoseconds; empty when there is no such file.
std::string stampOf(const std::string& path);

class ScanCache {
public:
    // Reads the file; a missing one or one of another Tenon gives an empty cache, a damaged one too, with a word in the log. An
    // empty path means no cache.
    explicit ScanCache(std::string path);
    // Null when the library is new or changed.
    const LibraryRecord* find(const std::string& library, const std::string& stamp) const;
    void insert(const LibraryRecord& record, const std::string& stamp);
    // Writes to a temporary name and renames when something changed. Failure is no error: the next start scans again.
    void save() const;

    static std::string defaultPath();

private:
    struct Entry {
        std::string stamp;
        LibraryRecord record;
    };
    std::string path_;
    std::map<std::string, Entry> entries_;
    bool isChanged_ = false;
};

}  // namespace tenon
