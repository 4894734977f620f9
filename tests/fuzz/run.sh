#!/usr/bin/env bash
# Builds the fuzzers with clang++ and its sanitizers, makes the corpus, and runs each fuzzer for some time.
#   tests/fuzz/run.sh SECONDS [build|import|plan ...]
# A finding stops its fuzzer: the input lies in build/fuzz/findings, the program's last lines say how to run it again. New inputs that reach
# new code stay in build/fuzz/corpus for the next time.
set -euo pipefail

seconds=${1:?SECONDS}
shift
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=${TENON_FUZZ_BUILD:-$root/build/fuzz}
fuzzers=("$@")
[[ $# -gt 0 ]] || fuzzers=(import plan build)

clang=$(command -v clang++ clang++-14 | head -1)
cmake -S "$root" -B "$build" -G Ninja -DCMAKE_CXX_COMPILER="$clang" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1 -DNDEBUG" -DTENON_SANITIZE=address -DTENON_FUZZ=ON -DTENON_CUDA=OFF -DTENON_ONEDNN=OFF \
    -DTENON_SAMPLES=OFF -DTENON_TESTS=ON >/dev/null
ninja -C "$build" tenon-scan reference fuzz_make_plans fuzz_build fuzz_import fuzz_plan
"$root/tests/fuzz/make_corpus.sh" "$build"

mkdir -p "$build/findings"
export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
for fuzzer in "${fuzzers[@]}"; do
    nice -n 19 "$build/bin/fuzz_$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
        -print_final_stats=1 -artifact_prefix="$build/findings/$fuzzer-" "$build/corpus/${fuzzer/build/import}" 2>&1 | tee "$build/$fuzzer.log" |
        grep --line-buffered -v -E '^#[0-9]+\s+(REDUCE|NEW)'
done
