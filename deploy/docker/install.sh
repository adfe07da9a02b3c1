#!/bin/sh
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Runs in the build stage of an image, after dependencies.sh: Argosy itself, from the checkout that it lies in.
# Usage: install.sh MODULE...; they are imported: what was taken away is not missed, and their bytecode stays.
set -eu
cd "$(dirname "$0")/../.."
pip() { deploy/docker/pip.sh "$@"; }

pip wheel --no-deps --wheel-dir /tmp/dist .
pip --python /opt/argosy/bin/python install --no-deps --no-index /tmp/dist/argosy-*.whl
/opt/argosy/bin/python deploy/docker/slim.py "$@"
