#!/usr/bin/env bash
# The command line as users meet it: exit codes, messages, files. One claim a line.
#   cli_test.sh TENON SOURCE_DIR
set -uo pipefail
tenon=$1
source_dir=$2
digits=$source_dir/samples/digits
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

# claim CODE 'TEXT' COMMAND...: the command exits with CODE and says TEXT (a regular expression) on either stream.
claim() {
    local code=$1 text=$2 got=0
    shift 2
    "$@" >"$work/said" 2>&1 </dev/null || got=$?
    if [[ $got -eq $code ]] && { [[ -z $text ]] || grep -qE -- "$text" "$work/said"; }; then return; fi
    failures=$((failures + 1))
    printf 'FAILED: exit code %d (wanted %d), text wanted: %s\nREPRO: %s\n' "$got" "$code" "$text" "$*"
    head -5 "$work/said"
}
t() { claim "$1" "$2" "$tenon" "${@:3}"; }

# Usage.
t 2 'usage: tenon'
t 0 'usage: tenon' --help
t 0 '^tenon [0-9]+\.' --version
t 2 "did you mean 'build'" biuld
for subcommand in build run bench verify inspect plugins op; do
    t 0 "usage: tenon $subcommand" "$subcommand" --help
    t 2 'there is no option' "$subcommand" --no-such-option
done
t 2 "did you mean '--device'" build m.onnx -o p.plan --devise=cpu
t 2 'MODEL.onnx is missing' build
t 2 'FILE.plan is missing' build "$digits/digits.onnx"
t 2 'no log topic' build "$digits/digits.onnx" -o "$work/p" --log=everything
t 2 'not within' build "$digits/digits.onnx" -o "$work/p" --builderOptimizationLevel=9
t 2 'an integer is wanted' build "$digits/digits.onnx" -o "$work/p" --threads=two
t 2 'is wanted' build "$digits/digits.onnx" -o "$work/p" --shapes=image
t 2 'is wanted' build "$digits/digits.onnx" -o "$work/p" --memPoolSize=12

# Building.
t 2 'no such file' build "$work/none.onnx" -o "$work/p"
t 2 'not a regular file' build "$digits" -o "$work/p"
t 2 'does not exist' build "$digits/digits.onnx" -o "$work/no/such/folder/p"
t 2 'which the network does not have' build "$digits/digits.onnx" -o "$work/p" --shapes=picture:1x1x28x28
t 2 'profile' build "$digits/digits.onnx" -o "$work/p" --shapes=image:1x1x28x29
t 2 'device' build "$digits/digits.onnx" -o "$work/p" --device=abacus
head -c 100000 "$digits/digits.onnx" >"$work/cut.onnx"
t 2 'cut.onnx' build "$work/cut.onnx" -o "$work/p"
claim 2 'no implementation of Conv' env TENON_PLUGIN_PATH= "$tenon" build "$digits/digits.onnx" -o "$work/p" --forbid=reference --forbid=onednn
claim 1 '' test -e "$work/p"
t 0 'built in' build "$digits/digits.onnx" -o "$work/digits.plan" --maxShapes=image:8x1x28x28 --optShapes=image:1x1x28x28 --timingCacheFile="$work/cache"
t 0 'built in' build "$digits/digits.onnx" --saveEngine="$work/again.plan" --maxShapes=image:8x1x28x28 --optShapes=image:1x1x28x28 --timingCacheFile="$work/cache"
claim 0 '' cmp "$work/digits.plan" "$work/again.plan"
t 0 'library reference' inspect "$work/digits.plan"
t 0 'Conv' inspect "$digits/digits.onnx"

# Running.
plan=$work/digits.plan
for image in "$digits"/images/digit_[0-9].pgm; do
    digit=${image##*_}
    t 0 "^    \[0,${digit%.pgm}\] 0\." run "$plan" --input "image=$image" --top=1
done
t 0 'float32\[8,10\]' run "$plan" --shapes=image:8x1x28x28
t 2 'outside the plan' run "$plan" --shapes=image:9x1x28x28
t 2 'belongs to a build' run "$plan" --device=cpu
t 2 "there is no input 'picture'; there are: image" run "$plan" --input picture=x.npy
t 2 'no such file' run "$plan" --input image="$work/none.npy"
t 2 'ends in' run "$plan" --input image="$digits/README.md"
t 2 'ends in' run "$plan" --output probabilities="$work/y.txt"
t 0 'probabilities' run "$plan" --input "$digits/images/digit_7.pgm" --output "$work/y.npy"
t 0 'probabilities' run "$plan" --input "$digits/images/digit_7.pgm" --output "$work/y.pb"
t 2 'must be|shape|input' run "$plan" --input "image=$work/y.npy"
t 0 'image float32\[3,1,28,28\]' run "$digits/digits.onnx" --shapes=image:3x1x28x28 --builderOptimizationLevel=0 --seed=7
t 2 'a model or a plan is wanted' run "$tenon"

# The same seed gives the same outputs.
"$tenon" run "$plan" --seed=5 --output "$work/a.npy" >/dev/null && "$tenon" run "$plan" --seed=5 --output "$work/b.npy" >/dev/null
claim 0 '' cmp "$work/a.npy" "$work/b.npy"

# Benchmarks.
t 0 'Throughput: .* qps' bench "$plan" --duration=0.1 --warmUp=10 --infStreams=2 --dumpProfile --exportTimes="$work/t.json" --exportProfile="$work/p.json"
t 0 'Total' bench "$plan" --duration=0 --warmUp=0 --iterations=3 --dumpProfile --separateProfileRun
claim 0 'latencyMs' cat "$work/t.json"
claim 0 'averageMs' cat "$work/p.json"
t 2 'outside the plan' bench "$plan" --shapes=image:9x1x28x28

# Damaged plans end in an error, never a crash: cut at some lengths, bytes flipped.
size=$(stat -c %s "$plan")
for length in 0 1 8 64 127 128 1000 4096 $((size / 2)) $((size - 1)); do
    head -c "$length" "$plan" >"$work/cut.plan"
    t 2 '.' run "$work/cut.plan"
done
for at in 9 13 20 30 45 60 150 300 1000; do
    cp "$plan" "$work/flipped.plan"
    printf '\xAA' | dd of="$work/flipped.plan" bs=1 seek="$at" conv=notrunc status=none
    cmp -s "$plan" "$work/flipped.plan" || claim 2 '.' "$tenon" inspect "$work/flipped.plan"
done

# Ctrl-C leaves nothing behind.
"$tenon" build "$digits/digits.onnx" -o "$work/stopped.plan" --builderOptimizationLevel=5 >"$work/said" 2>&1 &
child=$!
sleep 0.3
kill -INT "$child"
wait "$child"
code=$?
if [[ $code -ne 130 && $code -ne 0 ]]; then
    failures=$((failures + 1))
    echo "FAILED: an interrupted build exits with 130, found $code"
fi
if [[ $code -eq 130 ]]; then claim 1 '' bash -c "compgen -G '$work/*stopped.plan*'"; fi

# Operators.
t 0 'reference .* ok' op 'Relu(float32[2,3])'
t 2 'wanted at position' op 'Relu(float32[2,3]'
t 2 'no implementation' op 'Frobnicate(float32[2,3])'
printf 'Relu(float32[N]) N=0..3\nFrobnicate(float32[1])\n' >"$work/x.case"
t 0 '^3 passed, 0 failed, 1 refused$|^2 passed, 0 failed, 1 refused$' op --case "$work/x.case" --draws=3
printf 'Relu(float32[N]) N=3..1\n' >"$work/bad.case"
t 2 'bad.case:1' op --case "$work/bad.case"

# Libraries.
t 0 '^reference ' plugins
t 0 '^Conv  .*reference' plugins list --operators
t 2 'NAME must be' plugins new 'no good'
t 0 'wrote' plugins new my_scale --folder "$work/my_scale"
t 2 'exists already' plugins new my_scale --folder "$work/my_scale"
t 2 'no such file' plugins check "$work/none.so"
t 2 '.' run "$plan" --plugin "$digits/README.md"

# Verification.
cases=/usr/share/libonnx-testdata/data
if [[ -d $cases ]]; then
    t 0 '^3 passed, 0 failed, 0 refused$' verify "$cases"/node/test_{relu,add,matmul_2d}
    t 0 '^passed test_relu$' verify "$cases/node/test_relu/"
    t 0 '^1 passed, 0 failed, 0 refused$' verify --quiet "$cases/node/test_relu"
    t 0 '^refused test_gradient_of_add: .*Gradient' verify "$cases/simple/test_gradient_of_add"
    cp -r "$cases/node/test_relu" "$work/wrong"
    cp "$work/wrong/test_data_set_0/input_0.pb" "$work/wrong/test_data_set_0/output_0.pb"
    t 1 '^failed wrong: output 0 .*elements differ' verify "$work/wrong"
    t 1 '^0 passed, 1 failed, 0 refused$' verify "$work/wrong"
    t 1 '^failed test_relu: timed out' verify "$cases/node/test_relu" --timeout=0.001
    t 0 '^refused wrong' verify "$work/wrong" --implementation=nobody
fi
t 2 'no folder with a model.onnx' verify "$work/my_scale"
t 2 'CASE_DIR is missing' verify

[[ $failures -eq 0 ]] || { echo "$failures claims failed"; exit 1; }
echo "all claims hold"
