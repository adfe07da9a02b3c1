# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The fleet while the API server is away."""

import contextlib
import os
import shlex
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.cluster import told
from tests.cluster.fleet import GATEWAY, Fleet
from tests.cluster.kube import Kube, missing, until
from tests.cluster.load import in_flight

AWAY_S = 60.0
STOP, START = "ARGOSY_TEST_APISERVER_STOP", "ARGOSY_TEST_APISERVER_START"

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not (os.environ.get(STOP) and os.environ.get(START)),
        reason=f"set {STOP} and {START} to the commands that take the API server away and bring it back",
    ),
]


@contextlib.contextmanager
def api_server_away() -> Iterator[None]:
    """Takes the API server away for the block; it answers again after it."""
    subprocess.run(shlex.split(os.environ[STOP]), check=True, stdout=subprocess.DEVNULL)
    try:
        assert missing()
        yield
    finally:
        # The server outlives the command that starts it, which must not keep our output open.
        subprocess.run(shlex.split(os.environ[START]), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: not missing(), "the API server")


def test_no_call_fails_while_the_api_server_is_away_and_workers_are_found_after_it(
    fleet: Fleet, callers: Kube, tell: told.Tell
) -> None:
    fleet.scale("worker-vision", 2)
    with in_flight(callers, GATEWAY) as load:
        load.more(200)
        with api_server_away():
            time.sleep(AWAY_S)
        load.more(200)
        (first, *_) = fleet.kube.pods("app.kubernetes.io/name=worker-vision")
        fleet.kube.run("delete", "pod", first["metadata"]["name"], "--wait=false")
        fleet.kube.rolled_out("worker-vision")
        for pod in fleet.kube.pods("app.kubernetes.io/name=worker-vision"):
            load.answers_from(pod["metadata"]["name"])
        report = load.stop()
    fleet.scale("worker-vision", 1)
    tell(told.calls(report))
    assert report["codes"].keys() == {"OK"}, report
    assert sum(report["codes"].values()) >= 3_000
