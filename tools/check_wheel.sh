#!/usr/bin/env bash
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Installs the wheel into an empty environment outside the checkout and uses it there. Usage: tools/check_wheel.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/.."
python=$(realpath --no-symlinks "$1")
constraints=$PWD/constraints.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m pip wheel . --no-deps --quiet --disable-pip-version-check --wheel-dir "$work/dist"
wheel=$(echo "$work"/dist/argosy-*.whl)
cd "$work" # nothing may come from the checkout
"$python" -m venv env
env/bin/pip install --quiet --disable-pip-version-check -c "$constraints" "$wheel[cli]"
env/bin/python -W error -c 'from argosy.vision.v1 import vision_pb2_grpc; import argosy_client'
env/bin/argosy --help >help
env/bin/argosy protos export protos
for file in argosy/vision/v1/vision.proto argosy/inference/grpc_service.proto google/rpc/status.proto all.binpb; do
  [ -s "protos/$file" ] || { echo "the installed wheel exports no $file" >&2; exit 1; }
done
env/bin/python - <<'END'
from importlib.resources import files

import argosy
import argosy_client

assert "site-packages" in argosy.__file__ and "site-packages" in argosy_client.__file__
missing = [name for name in ("all.binpb", "v2.binpb", "py.typed") if not (files("argosy") / name).is_file()]
assert not missing, f"the wheel lacks {missing}"
assert any((files("argosy_client") / "demo" / "data").iterdir()), "the wheel lacks the demo's data"
END
echo "the wheel works: $(basename "$wheel")"
