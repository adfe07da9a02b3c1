#!/bin/sh
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Runs in the build stage of an image: Argosy with some extras in /opt/argosy, an environment without pip, made smaller.
# Usage: install.sh EXTRA,... [PACKAGE...]; the packages are installed with the extras, but nothing of ours imports them.
set -eu
extras=$1
shift
tools=$(dirname "$0")
pip() { "$tools/pip.sh" --python /opt/argosy/bin/python "$@"; }

"$tools/pip.sh" wheel --no-deps --wheel-dir /tmp/dist .
python3 -m venv --without-pip /opt/argosy
pip install --constraint constraints.txt "$(echo /tmp/dist/argosy-*.whl)[$extras]"
[ $# -eq 0 ] || pip uninstall --yes "$@"

packages=$(/opt/argosy/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# Tests of packages, what builds extensions, and what only makes models.
find "$packages/numpy" -type d -name tests -prune -exec rm -rf {} + 2>/dev/null || true
rm -rf "$packages"/numpy/f2py "$packages"/numpy/distutils "$packages"/numpy/_core/include \
  "$packages"/onnxruntime/transformers "$packages"/onnxruntime/quantization "$packages"/onnxruntime/tools \
  "$packages"/onnxruntime/datasets
find "$packages" \( -name '*.a' -o -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' \) -delete
# Symbols for debuggers. Libraries beside a package (NAME.libs) were patched after linking and stay as they are.
if ! command -v strip >/dev/null; then
  { apt-get update -qq && apt-get install -qq --no-install-recommends binutils; } >/dev/null 2>&1 ||
    echo "install.sh: no strip here and none to be had: the image will be larger" >&2
fi
if command -v strip >/dev/null; then
  find "$packages" -name '*.so' -not -path '*.libs/*' -not -path '*/nvidia/*' -size +200k -exec strip --strip-unneeded {} +
fi
