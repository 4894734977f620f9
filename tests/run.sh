#!/usr/bin/env bash
# The one command: installs what is missing, configures, builds everything, checks the format, runs all fast tests.
#   tests/run.sh [--asan] [--tsan] [--jobs N]
# --asan and --tsan run the fast tests under those sanitizers instead (each in its own build folder; both may be given).
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
presets=()
jobs=$(nproc)
while [[ $# -gt 0 ]]; do
    case $1 in
        --asan) presets+=(asan) ;;
        --tsan) presets+=(tsan) ;;
        --jobs) jobs=${2:?--jobs needs a number}; shift ;;
        *)
            sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}" >&2
            exit 2
            ;;
    esac
    shift
done
[[ ${#presets[@]} -gt 0 ]] || presets=(release)

begin=$SECONDS
step() { printf '\n== %s (at %d s)\n' "$*" $((SECONDS - begin)); }

check_format() {
    if ! command -v clang-format >/dev/null; then
        echo "clang-format is missing: format not checked"
        return
    fi
    # Under git: the files it knows or would add; else all.
    { git ls-files -co --exclude-standard 2>/dev/null || find . -path ./build -prune -o -type f -print; } |
        grep -E '\.(cpp|h|cu|cuh)$' | while read -r file; do [[ ! -f $file ]] || printf '%s\n' "$file"; done |
        xargs -r -P "$jobs" -n 40 clang-format --dry-run --Werror
}

step "install what is missing"
bash samples/install_dependencies.sh --tests
step "format"
check_format
for preset in "${presets[@]}"; do
    step "$preset: configure"
    cmake --preset "$preset" -DTENON_TESTS=ON >/dev/null
    step "$preset: build"
    cmake --build --preset "$preset" --parallel "$jobs"
    step "$preset: test"
    ctest --test-dir "build/$preset" --output-on-failure --parallel "$jobs"
done
step "all passed"
