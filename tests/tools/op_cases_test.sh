#!/usr/bin/env bash
# Every operator case file on every CPU implementation, formats and tactic, against `reference`. A refused problem fails too: a line that
# tests nothing is a mistake in its file, or an operator that went missing.
#   op_cases_test.sh TENON SOURCE_DIR [option of `tenon op --case`...]
set -euo pipefail
tenon=$1
cases=("$2"/tests/ops/*.case)
shift 2
status=0
output=$("$tenon" op --case "${cases[@]}" --jobs="$(nproc)" --timeout=300 "$@" 2>&1) || status=$?
grep -v '^passed' <<<"$output" || true
[[ $status -eq 0 ]] && grep -q ' 0 failed, 0 refused$' <<<"$output"
