#!/usr/bin/env bash
# Unpacks cases.tar.xz and runs `tenon verify` over it: every case must pass.
#   run.sh TENON [SOURCE_DIR]
set -euo pipefail
tenon=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
tar -xf "$here/cases.tar.xz" -C "$folder"

# The folders name what the outputs are compared by; the same table is in ../differential/tenon.py.
declare -A tolerances=(
    [exact]="--rtol=0 --atol=0"
    [float]="--rtol=1e-4 --atol=1e-7 --rangeAtol=2e-6"
    [recurrent]="--rtol=1e-3 --atol=1e-7 --rangeAtol=1e-5"
    [float16]="--rtol=1e-3 --atol=1e-7 --rangeAtol=1e-3"
    [bfloat16]="--rtol=8e-3 --atol=1e-7 --rangeAtol=8e-3"
)
bad=0
for kind in "$folder"/*; do
    # shellcheck disable=SC2086 # several options
    output=$("$tenon" verify "$kind" --jobs="$(nproc)" --builderOptimizationLevel=0 ${tolerances[$(basename "$kind")]} 2>&1) || true
    verdicts=$(grep -cE '^(passed|failed|refused) ' <<<"$output") || true
    cases=$(find "$kind" -name model.onnx | wc -l)
    grep -vE '^(passed |\[warning\])' <<<"$output" | sed "s/^/$(basename "$kind"): /" | cut -c1-300
    if [[ $verdicts -ne $cases ]] || grep -qE '^(failed|refused) ' <<<"$output"; then bad=1; fi
done
exit $bad
