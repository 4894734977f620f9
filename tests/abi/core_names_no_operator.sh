#!/usr/bin/env bash
# core_names_no_operator.sh SOURCE_DIR: outside the importer's adapter tables no string in core or registry is an operator's name.
set -euo pipefail
cd "$1"
names=$(grep -v '^#' tests/abi/onnx_operators.txt | paste -sd '|')
found=$(grep -rEn --include='*.h' --include='*.cpp' --include='*.proto' "\"(ai\.onnx::)?($names)\"" core registry |
    grep -Ev '^core/onnx/adapter[a-z_]*\.(h|cpp):' | sed -E 's,(:|[[:space:]])//.*,,' | grep -E "\"(ai\.onnx::)?($names)\"" || true)
if [ -n "$found" ]; then
    printf 'core names operators:\n%s\n' "$found"
    exit 1
fi
echo "core names no operator"
