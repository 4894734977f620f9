#!/usr/bin/env bash
# From a fresh checkout to hand-written digits recognised: installs what is missing, builds, makes the plan of the digits network,
# classifies the sample images.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
build=build/release
begin=$SECONDS
step() { printf '\n== %s (%d s)\n' "$*" $((SECONDS - begin)); }

step "install what is missing"
bash samples/install_dependencies.sh

step "configure and build"
cmake --preset release -DTENON_TESTS=OFF >/dev/null
cmake --build --preset release --target digits onednn reference tenon_cli tenon-scan

step "measure every implementation of every layer, choose, write the plan"
"$build/bin/tenon" build samples/digits/digits.onnx -o "$build/digits.plan" --shapes=image:1x1x28x28 --timingCacheFile="$build/timing_cache"
"$build/bin/tenon" inspect "$build/digits.plan"

step "read the digits"
"$build/bin/digits" "--plan=$build/digits.plan" samples/digits/images/*.pgm

step "done"
