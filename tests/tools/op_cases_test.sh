#!/usr/bin/env bash
# Every operator case file on every CPU implementation, formats and tactic, against `reference`.
#   op_cases_test.sh TENON SOURCE_DIR [option of `tenon op --case`...]
set -euo pipefail
tenon=$1
cases=("$2"/tests/ops/*.case)
shift 2
exec "$tenon" op --case "${cases[@]}" --quiet --jobs="$(nproc)" --timeout=300 "$@"
