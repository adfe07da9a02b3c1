#!/bin/sh
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Runs in the build stage of an image: an environment /opt/argosy without pip, with what Argosy needs for some extras,
# made smaller. Usage: dependencies.sh EXTRA,... [PACKAGE...]; nothing of ours that is in the image imports the packages.
set -eu
cd "$(dirname "$0")"
extras=$1
shift
pip() { ./pip.sh --python /opt/argosy/bin/python "$@"; }

python3 -m venv --without-pip /opt/argosy
python3 dependencies.py "$extras" >/tmp/requirements.txt
pip install --constraint constraints.txt --requirement /tmp/requirements.txt
[ $# -eq 0 ] || pip uninstall --yes "$@"

packages=$(/opt/argosy/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# Tests of packages, what builds extensions, what only makes models, and a format that no picture of ours has.
find "$packages/numpy" -type d -name tests -prune -exec rm -rf {} + 2>/dev/null || true
rm -rf "$packages"/numpy/f2py "$packages"/numpy/distutils "$packages"/numpy/_core/include \
  "$packages"/onnxruntime/transformers "$packages"/onnxruntime/quantization "$packages"/onnxruntime/tools \
  "$packages"/onnxruntime/datasets "$packages"/PIL/_avif*.so "$packages"/pillow.libs/libavif*
find "$packages" \( -name '*.a' -o -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' \) -delete
# Symbols for debuggers. Libraries beside a package (NAME.libs) were patched after linking and stay as they are.
if ! command -v strip >/dev/null; then
  { apt-get update -qq && apt-get install -qq --no-install-recommends binutils; } >/dev/null 2>&1 ||
    echo "dependencies.sh: no strip here and none to be had: the image will be larger" >&2
fi
if command -v strip >/dev/null; then
  find "$packages" -name '*.so' -not -path '*.libs/*' -not -path '*/nvidia/*' -size +200k -exec strip --strip-unneeded {} +
fi
