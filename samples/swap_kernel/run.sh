#!/usr/bin/env bash
# Builds the library of this sample against an installed SDK and shows how Tenon treats it: measured against the built-in
# implementations, pinned, forbidden.
#   swap_kernel/run.sh PREFIX [BUILD_DIR]
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
model=$here/../digits/digits.onnx
library=$build/acme_fast.so

title() { printf '\n== %s\n' "$*"; }
build_plan() { "$tenon" build "$model" -o "$build/digits.plan" --plugin "$library" --builderOptimizationLevel=1 --log=dispatch "$@" 2>&1; }
# Of a dispatch log: Relu problems with their candidates, and what was chosen.
relu_lines() { awk '/dispatch: [^ ]/ {relu = /dispatch: Relu\(/} relu || /chosen for .*\(Relu\)/'; }

title "build the library with the installed SDK alone"
cmake -S "$here" -B "$build" -DCMAKE_PREFIX_PATH="$prefix" >"$build/configure.log"
cmake --build "$build" >"$build/build.log"
"$tenon" plugins check "$library"

title "one problem, every candidate: a small tensor, then a large one"
"$tenon" op "Relu(float32[1,12,28,28])" --plugin "$library"
"$tenon" op "Relu(float32[8,64,56,56])" --plugin "$library"

title "the digits network: acme.fast is measured like all others"
build_plan | relu_lines

title "pinned: every Relu is acme.fast's"
build_plan --implementation=Relu=acme.fast | grep 'chosen.*(Relu)'
[[ $("$tenon" inspect "$build/digits.plan" --plugin "$library" | grep -c 'acme\.fast') -ge 3 ]]

title "forbidden: no Relu is"
build_plan --forbid=acme.fast | grep 'chosen.*(Relu)'
if "$tenon" inspect "$build/digits.plan" --plugin "$library" | grep -q 'acme\.fast'; then
    echo "acme.fast is in the plan although it is forbidden" >&2
    exit 1
fi
