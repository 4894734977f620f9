#!/usr/bin/env bash
# installed_sdk.sh BUILD_DIR SOURCE_DIR [STEM...]: operators of the reference family build outside this tree, with nothing but the installed
# SDK, and the library passes the installed harness. Without stems: a few; `all`: every one.
set -euo pipefail
export CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja}
build=$(cd "$1" && pwd) source=$(cd "$2" && pwd)
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
family=$source/plugins/reference
if [ "${1:-}" = all ]; then
    stems=$(sed -n '/OPERATORS/,/)/p' "$family/CMakeLists.txt" | grep -E '^ +[a-z0-9_]+$' | tr -d ' ')
else
    stems=${*:-identity prelu softmax}
fi

cmake --install "$build/plugin_sdk" --prefix "$work/prefix" > /dev/null
cp -r "$family" "$work/project"
cat > "$work/project/check.cpp" << 'CPP'
#include <tenon/check/check.h>

#include <cstdio>

int main(int, char** argv) {
    tenon::check::Options options;
    options.onFinding = [](const tenon::check::Finding& f) {
        if (f.result == tenon::check::Result::fail) std::printf("%s %s: %s\n", f.check.c_str(), f.creator.c_str(), f.reason.c_str());
    };
    return tenon::check::passed(tenon::check::checkLibrary(argv[1], options)) ? 0 : 1;
}
CPP
cat > "$work/project/CMakeLists.txt" << CMAKE
cmake_minimum_required(VERSION 3.25)
project(Stranger LANGUAGES CXX)
set(CMAKE_CXX_EXTENSIONS OFF)
find_package(TenonSDK REQUIRED)
tenon_add_plugin(stranger OPERATORS $(echo $stems))
add_executable(check check.cpp)
target_link_libraries(check PRIVATE Tenon::Check)
CMAKE
launcher=$(command -v ccache || true)
cmake -S "$work/project" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$work/prefix" ${launcher:+-DCMAKE_CXX_COMPILER_LAUNCHER=$launcher} > "$work/log" ||
    { cat "$work/log"; exit 1; }
CCACHE_BASEDIR=$work CCACHE_NOHASHDIR=1 cmake --build "$work/build" > "$work/log" 2>&1 || { tail -40 "$work/log"; exit 1; }
"$source/tests/abi/exported_symbols.sh" "$work/build"
"$work/build/check" "$work/build/stranger.so"
echo "$(echo "$stems" | wc -w) operator files build with the installed SDK alone"
