#!/usr/bin/env bash
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Brings a throw-away cluster up, builds the images into it, runs `make test-cluster`, and takes the cluster away.
# Usage: tools/cluster_tests.sh CLUSTER [TEST...], the first a program with the verbs up, down, apiserver stop|start, image
# python|load and keda. A cluster that is up already is used, and left as it is.
#
# KEDA is installed where that program has compiled it already, or CLUSTER_TESTS_KEDA=1 asks for it: compiling takes as
# long as the tests. Without it, or with CLUSTER_TESTS_KEDA=0, the tests of scaling are skipped. CLUSTER_TESTS_IMAGES
# names the images that the tests need, with commas between, where those are not all.
set -euo pipefail
cd "$(dirname "$0")/.."
cluster=$(realpath "$1")
shift
# How that program's images are built and kept; make images builds beside them.
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs ARGOSY_IMAGE_BUILDER=buildah

step() {
  local begin=$SECONDS
  "$@" || { local code=$?; printf -- '-- %s failed with %d\n' "$*" "$code" >&2; return "$code"; }
  printf -- '-- %s took %d s\n' "$*" "$((SECONDS - begin))"
}

said=$(mktemp)
ours=1
trap 'rm -f "$said"; [ -z "$ours" ] || "$cluster" down' EXIT
variables=$("$cluster" up 2>"$said") || { cat "$said" >&2; exit 1; }
cat "$said" >&2
grep -q 'already up' "$said" && ours=
eval "$variables"
step "$cluster" image python
if [ -n "${CLUSTER_TESTS_IMAGES:-}" ]; then
  images=$CLUSTER_TESTS_IMAGES
else
  images=$(python3 -c 'from tools.images.catalogue import choose; print(*(i.name for i in choose("")), sep=",")')
  images=$images,example-go,example-python
fi
step make images BASE_IMAGE=localhost/python:3.11 IMAGES="$images"
loaded=()
for image in ${images//,/ }; do loaded+=("localhost/argosy/$image:dev"); done
step "$cluster" image load "${loaded[@]}"
# Tests take these apart as a shell would.
quoted=$(printf %q "$cluster")
export ARGOSY_TEST_APISERVER_STOP="$quoted apiserver stop" ARGOSY_TEST_APISERVER_START="$quoted apiserver start"
compiled=${TEST_CLUSTER_CACHE:-$HOME/.cache/test-cluster}/bin
if [ "${CLUSTER_TESTS_KEDA:-}" = 0 ]; then
  echo '-- without KEDA: CLUSTER_TESTS_KEDA=0'
elif [ -n "${CLUSTER_TESTS_KEDA:-}" ] || { [ -x "$compiled/keda-operator" ] && [ -x "$compiled/keda-adapter" ]; }; then
  step "$cluster" keda
else
  echo '-- without KEDA, which is not compiled yet: set CLUSTER_TESTS_KEDA=1 to have that done'
fi
step make test-cluster ${*:+TESTS="$*"}
