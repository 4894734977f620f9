#!/usr/bin/env bash
# Installs the Debian packages that are missing: those to build and run Tenon and, with --tests, those of the tests.
# Does nothing, quickly, when all are there.
set -euo pipefail

packages=(ccache cmake g++ libboost-dev libdnnl-dev libfmt-dev libjpeg-dev libonnx-dev libopenjp2-7-dev
    libpng-dev libprotobuf-dev libre2-dev libspdlog-dev libtiff-dev libwebp-dev ninja-build protobuf-compiler)
if [[ ${1:-} == --tests ]]; then packages+=(clang-format libgtest-dev libonnx-testdata xz-utils); fi

if ! command -v dpkg-query >/dev/null; then
    echo "this is no Debian system; these packages are needed, under whatever names they have here: ${packages[*]}" >&2
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then as_root=(sudo); fi
echo "installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
