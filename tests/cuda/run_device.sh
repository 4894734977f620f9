#!/bin/bash
# Tests the cuda family on a machine with a GPU: tests/cuda/run_device.sh PREFIX [CASE_DIR...]
#   PREFIX      an install prefix or a build folder with bin/tenon
#   CASE_DIR    further folders in the ONNX backend layout for `tenon verify --device=cuda`
# Exit code: 0 all passed, 1 something failed, 2 there is nothing to test on.
set -u
[ $# -ge 1 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 2; }
here=$(cd "$(dirname "$0")/.." && pwd)
tenon=$(cd "$1" && pwd)/bin/tenon
shift
[ -x "$tenon" ] || { echo "there is no $tenon"; exit 2; }
jobs=${JOBS:-$(( $(nproc) / 2 + 1 ))}
failed=0
step() {
    echo "== $*"
    "$@" || failed=1
}

if ! "$tenon" op 'Relu(float32[4])' --device=cuda --implementation=cuda.kernel | grep -q 'cuda.kernel .*ok'; then
    "$tenon" op 'Relu(float32[4])' --device=cuda
    echo "the device cuda does not work here"
    exit 2
fi
step "$tenon" op --case "$here/cuda/device.case" --device=cuda --jobs="$jobs" --quiet
step "$tenon" op --case "$here"/ops/*.case --device=cuda --jobs="$jobs" --quiet
for folder in /usr/share/libonnx-testdata/data/{node,simple,pytorch-converted,pytorch-operator} "$@"; do
    [ -d "$folder" ] && step "$tenon" verify "$folder" --device=cuda --jobs="$jobs" --quiet
done

# Memory errors: one process a problem, as the tool watches the process that it starts.
if command -v compute-sanitizer >/dev/null && [ "${SANITIZE:-1}" = 1 ]; then
    while read -r problem; do
        step compute-sanitizer --error-exitcode 1 --log-file /dev/stdout "$tenon" op "$problem" --device=cuda --builderOptimizationLevel=0
    done <<'PROBLEMS'
Add(float32[2,16,33,31], float32[16,1,1])
Transpose(float32[2,33,47,5]) perm=[0,2,3,1]
Softmax(float32[3,50,17]) axis=1
ReduceMean(float32[3,40,50], int64[1]{1})
MaxPool(float32[2,16,31,29]) kernel_shape=[3,3] strides=[2,2] pads=[1,1,1,1]
Conv(float32[1,24,17,15], const float32[48,12,3,3], const float32[48]) group=2 strides=[2,1] pads=[0,1,2,3]
MatMul(float32[2,1,3,4], float32[1,3,4,5])
tenon::Reformat(float32[2,35,9,7])
PROBLEMS
fi
[ $failed = 0 ] && echo "cuda: all passed" || echo "cuda: FAILED"
exit $failed
