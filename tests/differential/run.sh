#!/usr/bin/env bash
# Random differential test against ONNX Runtime: run.sh TENON [options of differential.py]; run.sh --venv prints the environment's folder.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=${TENON_DIFFERENTIAL_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/tenon-differential}
if [[ ! -x $venv/bin/python ]]; then
    python3 -m venv "$venv" >&2
fi
"$venv/bin/python" -c 'import ml_dtypes, numpy, onnx, onnxruntime' 2>/dev/null ||
    "$venv/bin/pip" install --quiet ml_dtypes numpy 'onnx>=1.20' 'onnxruntime>=1.24' >&2
if [[ ${1:?TENON or --venv is missing} == --venv ]]; then
    echo "$venv"
    exit
fi
tenon=$(realpath "$1")
shift
exec "$venv/bin/python" "$here/differential.py" --tenon="$tenon" --count=20000 "$@"
