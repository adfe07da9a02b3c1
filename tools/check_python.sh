#!/bin/sh
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Says in one line why a Python cannot make Argosy's virtual environment. Usage: tools/check_python.sh PYTHON
set -u
python=$1
if ! command -v "$python" >/dev/null; then
  echo "$python: no such program; install Python 3.11 or newer, or name one: make setup PYTHON=python3.12" >&2
  exit 1
fi
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Python 3.11 or newer is needed; $python is $("$python" -c 'import platform; print(platform.python_version())');" \
    "name another: make setup PYTHON=python3.12" >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  echo "$python cannot make virtual environments; install its venv module (Debian: apt install python3-venv)" >&2
  exit 1
fi
