#!/usr/bin/env bash
# Installs the build and runs the samples from that prefix, which it then moves, because it must be relocatable.
#   samples_test.sh TENON SOURCE_DIR BUILD_DIR
set -euo pipefail
source_dir=$2
build=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >"$work/install.log"
mv "$work/first" "$work/prefix"
bash "$source_dir/samples/add_scalar/run.sh" "$work/prefix" "$work/add_scalar"
bash "$source_dir/samples/swap_kernel/run.sh" "$work/prefix" "$work/swap_kernel"

for way in "" --api; do
    "$build/bin/digits" $way "$source_dir/samples/digits" "$source_dir"/samples/digits/images/*.pgm >"$work/digits.txt"
    for digit in 0 1 2 3 4 5 6 7 8 9; do
        grep -q "digit_$digit.pgm: a $digit\$" "$work/digits.txt" || { echo "digits $way misread digit_$digit.pgm" >&2; exit 1; }
    done
done
