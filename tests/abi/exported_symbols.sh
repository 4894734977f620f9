#!/usr/bin/env bash
# exported_symbols.sh FOLDER...: every plugin library there exports tenon_plugin_query and nothing else.
set -euo pipefail
failed=0 seen=0
for folder in "$@"; do
    for library in "$folder"/*.so; do
        [ -e "$library" ] || continue
        seen=$((seen + 1))
        symbols=$(nm -D --defined-only "$library" | awk '{print $NF}' | sort)
        if [ "$symbols" != tenon_plugin_query ]; then
            echo "$library exports: $(echo "$symbols" | head -20 | tr '\n' ' ')"
            failed=1
        fi
    done
done
[ "$seen" -gt 0 ] || { echo "no library in $*"; exit 1; }
[ "$failed" -eq 0 ] && echo "$seen libraries, one exported symbol each"
exit "$failed"
