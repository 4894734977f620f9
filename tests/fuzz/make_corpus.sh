#!/usr/bin/env bash
# Seeds for the fuzzers, from the models of libonnx-testdata.
#   tests/fuzz/make_corpus.sh BUILD_FOLDER [LARGEST_MODEL_BYTES]
# Models go to BUILD_FOLDER/corpus/import; plans built from them go to BUILD_FOLDER/corpus/plan.
set -euo pipefail

build=${1:?BUILD_FOLDER}
largest=${2:-4000}
data=/usr/share/libonnx-testdata
[[ -d $data ]] || { echo "$data is missing: apt-get install libonnx-testdata" >&2; exit 1; }
models=$build/corpus/import
plans=$build/corpus/plan
mkdir -p "$models" "$plans"
export ASAN_OPTIONS=detect_leaks=0

find "$data" -name '*.onnx' -size "-$((largest + 1))c" | sort | while read -r model; do
    name=$(realpath --relative-to="$data" "$(dirname "$model")" | tr / _)
    [[ -e $models/$name ]] || cp "$model" "$models/$name"
done

"$build/bin/fuzz_make_plans" "$models" "$plans" >/dev/null
echo "$(ls "$models" | wc -l) models, $(ls "$plans" | wc -l) plans in $build/corpus"
