#include "plugin_project.h"

#include <tenon/builder.h>
#include <tenon/error.h>

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <filesystem>

#include "subcommand.h"

namespace tenon::cli {

namespace fs = std::filesystem;

namespace {
// In the texts, @NAME@ is the library's name and @OPERATOR@ the operator's.
constexpr const char* kCMake = R"(cmake_minimum_required(VERSION 3.25)
project(@NAME@ VERSION 1.0.0 LANGUAGES CXX)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()
find_package(TenonSDK REQUIRED)

tenon_add_plugin(@NAME@ VERSION ${PROJECT_VERSION} SOURCE @NAME@.cpp)
)";

constexpr const char* kSource = R"(#include <tenon/sdk/sdk.h>

using namespace tenon::sdk;

// y = scale * x. y has x's shape and type and may share its memory.
struct @OPERATOR@ {
    float scale = 1.0F;
    static constexpr Identity identity{.name = "@OPERATOR@", .domain = "com.example"};
    static constexpr auto formats = rows(row(f32, f32).anyLayout(), row(f16, f16).anyLayout());
    static constexpr auto attributes() { return std::tuple{attr(1, "scale", &@OPERATOR@::scale, "factor")}; }
    static constexpr int alias = 0;
    template <class T>
    void run(View<const T> x, View<T> y) const {
        for (std::int64_t i = 0; i < x.size(); ++i) y[i] = T(scale * x[i]);
    }
};
TENON_LIBRARY("@NAME@", "1.0.0", @OPERATOR@)
)";

constexpr const char* kReadme = R"(# @NAME@: a plugin library for Tenon

`@NAME@.cpp` states one operator, `com.example::@OPERATOR@`. What a struct may state is listed at the top of `tenon/sdk/plugin.h`.

    cmake -S . -B build -DCMAKE_PREFIX_PATH=/path/to/tenon
    cmake --build build
    tenon plugins check build/@NAME@.so
    tenon op "com.example::@OPERATOR@(float32[2,3]) scale=2.0" --plugin build/@NAME@.so

An ONNX node with domain `com.example` and type `@OPERATOR@` is then run by this library: give it with `--plugin`, or put its folder into
`TENON_PLUGIN_PATH`.
)";

// my_scale -> MyScale
std::string operatorName(const std::string& name) {
    std::string result;
    bool upper = true;
    for (const char c : name) {
        if (c != '_') result += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
        upper = c == '_';
    }
    return result;
}

std::string fill(std::string text, const std::string& name) {
    for (const auto& [key, value] : {std::pair<std::string, std::string>{"@NAME@", name}, {"@OPERATOR@", operatorName(name)}})
        for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos; at += value.size())
            text.replace(at, key.size(), value);
    return text;
}

void checkName(const std::string& name) {
    bool good = !name.empty() && std::isalpha(static_cast<unsigned char>(name[0])) != 0;
    for (const char c : name)
        good = good && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_');
    if (!good) throw UsageError("NAME must be a letter followed by letters, digits and '_'; found '" + name + "'");
}
}  // namespace

void writePluginProject(const std::string& name, const std::string& folder) {
    checkName(name);
    const std::array<std::pair<std::string, const char*>, 3> files = {
        {{"CMakeLists.txt", kCMake}, {name + ".cpp", kSource}, {"README.md", kReadme}}};
    for (const auto& [file, text] : files)
        if (fs::exists(fs::path(folder) / file))
            throw Error(ErrorCode::badInput, (fs::path(folder) / file).string() + " exists already; nothing was written");
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw Error(ErrorCode::badInput, folder + ": " + error.message());
    for (const auto& [file, text] : files) {
        const std::string filled = fill(text, name);
        writeFile((fs::path(folder) / file).string(), std::as_bytes(std::span(filled)));
    }
    fmt::print("wrote {0}/CMakeLists.txt, {0}/{1}.cpp and {0}/README.md; {0}/README.md says how to build\n", folder, name);
}

}  // namespace tenon::cli
