# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Takes the API server of KUBECONFIG away and brings it back, with the commands that the environment names."""

import contextlib
import os
import shlex
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.cluster.kube import Kube, KubectlError, missing, ready, until

STOP, START = "ARGOSY_TEST_APISERVER_STOP", "ARGOSY_TEST_APISERVER_START"
#: Nodes that have not been heard of for a minute are given up some seconds after the server has come back, with all
#: pods on them, until they are heard of again.
SETTLED_S = 10.0

needed = pytest.mark.skipif(
    not (os.environ.get(STOP) and os.environ.get(START)),
    reason=f"set {STOP} and {START} to the commands that take the API server away and bring it back",
)


@contextlib.contextmanager
def away() -> Iterator[None]:
    """Takes the API server away for the block; it answers again after it."""
    subprocess.run(shlex.split(os.environ[STOP]), check=True, stdout=subprocess.DEVNULL)
    try:
        assert missing()
        yield
    finally:
        # The server outlives the command that starts it, which must not keep our output open.
        subprocess.run(shlex.split(os.environ[START]), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: not missing(), "the API server", every_s=0.1)


def settled() -> None:
    """Waits until nodes and the cluster's DNS have been ready for a while: the next test is not about them."""
    since = time.monotonic()

    def whole() -> bool:
        nonlocal since
        try:
            found = [*Kube().get("nodes")["items"], *Kube("kube-system").pods("k8s-app=kube-dns")]
        except KubectlError:
            found = []
        if not found or not all(map(ready, found)):
            since = time.monotonic()
        return time.monotonic() - since > SETTLED_S

    until(whole, "nodes and DNS to be as before")
