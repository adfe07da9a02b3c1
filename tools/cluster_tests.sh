#!/usr/bin/env bash
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Brings a throw-away cluster up, builds the images into it, runs `make test-cluster`, and takes the cluster away.
# Usage: tools/cluster_tests.sh CLUSTER, a program with the verbs up, down, apiserver stop|start, image python|load, and,
# where CLUSTER_TESTS_KEDA is set, keda.
set -euo pipefail
cd "$(dirname "$0")/.."
cluster=$(realpath "$1")
# How that program's images are built and kept; make images builds beside them.
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs ARGOSY_IMAGE_BUILDER=buildah

trap '"$cluster" down' EXIT
variables=$("$cluster" up)
eval "$variables"
"$cluster" image python
examples=example-go,example-python
make images BASE_IMAGE=localhost/python:3.11
make images BASE_IMAGE=localhost/python:3.11 IMAGES=$examples
images=$(python3 -c 'from tools.images.catalogue import choose; print(*(i.name for i in choose("")))')
images="$images ${examples//,/ }"
for image in $images; do "$cluster" image load "localhost/argosy/$image:dev"; done
# Tests take these apart as a shell would.
quoted=$(printf %q "$cluster")
export ARGOSY_TEST_APISERVER_STOP="$quoted apiserver stop" ARGOSY_TEST_APISERVER_START="$quoted apiserver start"
# KEDA is compiled first, which takes as long as the rest: its tests are skipped without it.
[ -z "${CLUSTER_TESTS_KEDA:-}" ] || "$cluster" keda
make test-cluster
