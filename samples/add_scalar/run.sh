#!/usr/bin/env bash
# Builds the plugin of this sample against an installed SDK and runs the ONNX model that needs it.
#   add_scalar/run.sh PREFIX [BUILD_DIR]
# PREFIX is what `cmake --install` wrote; BUILD_DIR is removed at the end unless it is given.
set -euo pipefail
export CMAKE_GENERATOR=${CMAKE_GENERATOR:-Ninja}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=$(cd "${1:?usage: run.sh PREFIX [BUILD_DIR]}" && pwd)
if [[ $# -ge 2 ]]; then
    mkdir -p "$2"
    build=$(cd "$2" && pwd)
else
    build=$(mktemp -d)
    trap 'rm -rf "$build"' EXIT
fi
tenon=$prefix/bin/tenon

title() { printf '\n== %s\n' "$*"; }

title "build the plugin with the installed SDK alone: $(wc -l <"$here/add_scalar.cpp") lines"
cmake -S "$here" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" >"$build/configure.log"
cmake --build "$build" >"$build/build.log"
"$tenon" plugins check "$build/acme.so"

title "without the plugin, the model is refused"
if "$tenon" run "$here/model.onnx"; then
    echo "the model must not run without its plugin" >&2
    exit 1
fi

title "with it, the custom node is a layer like any other"
"$tenon" inspect "$here/model.onnx" --plugin "$build/acme.so"
"$tenon" run "$here/model.onnx" --plugin "$build/acme.so" --input "x=$here/test_data_set_0/input_0.pb" --top=3
"$tenon" verify "$here" --plugin "$build/acme.so"
