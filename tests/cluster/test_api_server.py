# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The fleet while the API server is away."""

import time

import pytest

from tests.cluster import api_server, told
from tests.cluster.fleet import GATEWAY, Fleet
from tests.cluster.kube import Kube
from tests.cluster.load import in_flight

AWAY_S = 60.0

pytestmark = [pytest.mark.timeout(600), api_server.needed]


def test_no_call_fails_while_the_api_server_is_away_and_workers_are_found_after_it(
    fleet: Fleet, callers: Kube, tell: told.Tell
) -> None:
    fleet.scale("worker-vision", 2)
    with in_flight(callers, GATEWAY) as load:
        load.more(200)
        with api_server.away():
            time.sleep(AWAY_S)
        load.more(200)
        (first, *_) = fleet.kube.pods("app.kubernetes.io/name=worker-vision")
        fleet.kube.run("delete", "pod", first["metadata"]["name"], "--wait=false")
        fleet.kube.rolled_out("worker-vision")
        for pod in fleet.kube.pods("app.kubernetes.io/name=worker-vision"):
            load.answers_from(pod["metadata"]["name"])
        report = load.stop()
    fleet.scale("worker-vision", 1)
    api_server.settled()
    tell(told.calls(report))
    assert report["codes"].keys() == {"OK"}, report
    assert sum(report["codes"].values()) >= 3_000
