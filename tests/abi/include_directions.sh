#!/usr/bin/env bash
# include_directions.sh SOURCE_DIR: plugins -> plugin_sdk <- registry <- core, and nothing the other way round.
set -euo pipefail
cd "$1"
failed=0
# forbid FOLDER PATTERN WHY: no #include in the folder may match the extended pattern; allow FOLDER PATTERN WHY: every one must.
includes() { grep -rEn --include='*.h' --include='*.cpp' --include='*.cu' --include='*.cuh' --include='*.in' '^ *# *include *[<"]' "$1" || true; }
report() {
    if [ -n "$2" ]; then
        printf '%s:\n%s\n' "$1" "$2"
        failed=1
    fi
}
forbid() { [ ! -d "$1" ] || report "$3" "$(includes "$1" | grep -E "include *[<\"]($2)" || true)"; }
allow() { [ ! -d "$1" ] || report "$3" "$(includes "$1" | grep -Ev "include *[<\"]($2)[>\"]" || true)"; }

allow plugin_sdk/abi 'stdint\.h|tenon/abi/[a-z_]+\.h' "the binary contract includes only itself and <stdint.h>"
allow plugin_sdk/sdk 'tenon/(abi|sdk)/[a-z_]+\.h|[a-z_]+' "the author layer includes only the contract, itself and the standard library"
forbid plugin_sdk/check 'tenon/sdk/|.*(core|registry|plugins)/' "the harness depends on the contract alone"
forbid plugins '.*\b(core|registry)/|tenon/[a-z_]+\.h' "plugins never include core or registry"
forbid registry '.*\b(core|plugins)/|tenon/[a-z_]+\.h' "the registry never includes core or plugins"
forbid core '.*\bplugins/' "core never includes plugins"
for folder in tools samples benchmarks; do forbid "$folder" '.*\bplugins/' "$folder never includes plugins"; done
# Only the importer sees ONNX's protobuf.
report "only core/onnx includes ONNX's headers" "$(includes . | grep -E 'include *[<"]onnx/' | grep -Ev '^\./(core/onnx|tests|build)/' || true)"
[ "$failed" -eq 0 ] && echo "all includes point the right way"
exit "$failed"
