// A folder of its own for every test, and where the hostile libraries are.
#pragma once

#include <gtest/gtest.h>
#include <tenon/registry/registry.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace tenon {

inline std::string hostile(const std::string& name) { return std::string(TENON_HOSTILE_DIR) + "/" + name + ".so"; }

class InFolder : public testing::Test {
protected:
    InFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "tenon_registry_XXXXXX").string();
        folder = mkdtemp(name.data());
    }
    ~InFolder() override {
        std::error_code error;
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
        std::filesystem::remove_all(folder, error);
    }

    std::string path(const std::string& name) const { return (folder / name).string(); }
    std::string write(const std::string& name, const std::string& content) const {
        std::filesystem::create_directories((folder / name).parent_path());
        std::ofstream(folder / name, std::ios::binary) << content;
        return path(name);
    }
    // A library of `honest` code under another name: a library of its own.
    std::string copyLibrary(const std::string& name, const std::string& original = "named_by_file") const {
        std::filesystem::create_directories((folder / name).parent_path());
        std::filesystem::copy_file(hostile(original), folder / name, std::filesystem::copy_options::overwrite_existing);
        return path(name);
    }
    // Looks in this test's folder `plugins` alone, and keeps its cache in the folder.
    RegistryOptions options() const {
        RegistryOptions o;
        o.useDefaultPath = false;
        o.searchPath = {path("plugins")};
        o.cacheFile = path("cache/scan_cache");
        o.scanHelper = std::string(TENON_BIN_DIR) + "/tenon-scan";
        return o;
    }
    static std::string read(const std::string& file) {
        std::ifstream stream(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    static bool isMapped(const std::string& file) { return read("/proc/self/maps").find(file) != std::string::npos; }

    std::filesystem::path folder;
};

// What the registry says about a library that is asked for by name; empty when it takes it.
inline std::string refusal(RegistryOptions options, const std::string& library) {
    options.libraries = {library};
    options.searchPath.clear();
    options.cacheFile = "none";
    try {
        const Registry registry(options);
        return "";
    } catch (const Error& e) {
        return e.what();
    }
}

}  // namespace tenon
