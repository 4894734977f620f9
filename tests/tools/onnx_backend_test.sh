#!/usr/bin/env bash
# libonnx's backend cases through `tenon verify`: none may fail, and none that passed may come to be refused.
#   onnx_backend_test.sh TENON SOURCE_DIR
set -euo pipefail
tenon=$1
data=/usr/share/libonnx-testdata/data
least=990 # of 1072; the others are refused by name: control flow, sequences, optionals, strings, training, random numbers
if [[ ! -d $data ]]; then
    echo "skipped: $data is missing (Debian package libonnx-testdata)"
    exit 77
fi
status=0
output=$("$tenon" verify --jobs="$(nproc)" "$data"/{node,simple,pytorch-converted,pytorch-operator} 2>&1) || status=$?
grep -v '^passed' <<<"$output" | cut -c1-200
passed=$(grep -oE '^[0-9]+ passed' <<<"$output" | grep -oE '[0-9]+')
[[ $status -eq 0 ]] || exit 1
if [[ $passed -lt $least ]]; then
    echo "only $passed passed; at least $least did before"
    exit 1
fi
