#!/bin/sh
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Runs a command with Go on PATH, as static programs want it, with the module proxy and the certificates of the building
# machine, where the build was given them: they come as secrets (tools/images). Usage: go.sh COMMAND...
set -eu
if [ -s /run/secrets/go_settings ]; then
  set -a
  . /run/secrets/go_settings
  set +a
fi
[ ! -s /run/secrets/pip_certificates ] || export SSL_CERT_FILE=/run/secrets/pip_certificates
export PATH="/opt/tools/bin:$PATH" CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-buildvcs=false
export GOCACHE=/root/.cache/go/build GOMODCACHE=/root/.cache/go/mod
exec "$@"
