#!/usr/bin/env bash
# libonnx's backend cases through `tenon verify`: all pass, except those of training operators, which are refused.
#   onnx_backend_test.sh TENON
set -euo pipefail
tenon=$1
data=/usr/share/libonnx-testdata/data
if [[ ! -d $data ]]; then
    echo "skipped: $data is missing (Debian package libonnx-testdata)"
    exit 77
fi
training='ai.onnx.preview.training::(Adagrad|Adam|Gradient|Momentum)'
status=0
output=$("$tenon" verify --jobs="$(nproc)" "$data"/{node,simple,pytorch-converted,pytorch-operator} 2>&1) || status=$?
grep -v '^passed' <<<"$output" | cut -c1-200
[[ $status -eq 0 ]] || exit 1
[[ $(grep -c '^passed' <<<"$output") -gt 1000 ]] || { echo "too few cases were run"; exit 1; }
if grep '^refused' <<<"$output" | grep -vE "$training"; then
    echo "these are no training operators and must pass"
    exit 1
fi
