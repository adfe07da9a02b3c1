# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""An Envoy that starts while the control plane is dead: it serves what needs no front, and obeys again later."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest
from argosy_client import Argosy, UnavailableError

from tests.e2e.load import in_flight
from tests.e2e.requests import GOOD
from tests.e2e.wire import open_channel, send
from tests.support.envoy import Gateway, free_ports, run_gateway, wait_for
from tests.support.fleet import copy_models
from tests.support.worker import WorkerProcess, run_worker

pytestmark = pytest.mark.failures

#: Each takes a few seconds, in which callers move.
REPLACEMENTS = 5
REQUESTS = 3_000


@contextlib.contextmanager
def run_with_standby(folder: Path) -> Iterator[tuple[Gateway, WorkerProcess]]:
    """A gateway with a standby before a vision worker; what Envoy accepted is kept."""
    (folder / "gateway").mkdir()
    with (
        run_worker("vision", copy_models(folder, "vision"), "--drain-s", "0") as worker,
        run_gateway([("vision", worker.address)], folder / "gateway", standby=True) as gateway,
    ):
        wait_for(gateway.snapshot.exists, "the configuration to be kept", gateway)
        yield gateway, worker


def answers(gateway: Gateway, domain: str) -> bool:
    """Whether a domain answers, by the model that the message names."""
    with open_channel(gateway.address) as channel:
        return send(channel, GOOD[domain].path, GOOD[domain].message()).code is grpc.StatusCode.OK


def test_envoy_restarted_without_a_control_plane_serves_and_obeys_the_one_that_comes_back(tmp_path: Path) -> None:
    added = copy_models(tmp_path / "added", "tabular")
    with run_with_standby(tmp_path) as (gateway, vision), Argosy(gateway.address, timeout_s=30) as argosy:
        gateway.stop("control_plane", kill=True)
        gateway.stop("envoy", kill=True)
        gateway.start_envoy()
        gateway.wait_until_ready()
        with in_flight(gateway.address, 8) as load:
            load.more(500)
            with pytest.raises(UnavailableError):
                argosy.models()
            with run_worker("tabular", added, "--drain-s", "0") as worker:
                gateway.write_fleet([("vision", vision.address), ("tabular", worker.address)])
                gateway.start_control_plane()
                wait_for(lambda: answers(gateway, "tabular"), "the control plane to take over", gateway)
                load.more(500)
                gateway.stop("control_plane", kill=True)
                load.more(200)
        assert not load.failures, load.codes


def replace_envoy(gateway: Gateway, number: int) -> Gateway:
    """Starts a successor on the same port, has the old one send its callers there, and stops it."""
    old, new = gateway.envoy, f"envoy-{number}"
    successor = replace(gateway, admin_port=free_ports(1)[0], envoy=new)
    successor.start_envoy()
    successor.wait_until_ready()
    gateway.post("/drain_listeners?graceful")
    wait_for(
        lambda: not any(gateway.stats("^http.gateway.downstream_cx_active$").values()), "callers to leave", gateway
    )
    gateway.stop(old)
    return successor


@pytest.mark.timeout(300)
def test_no_request_fails_when_envoy_is_replaced_without_a_control_plane(tmp_path: Path) -> None:
    with run_with_standby(tmp_path) as (gateway, _):
        gateway.stop("control_plane", kill=True)
        with in_flight(gateway.address, 16) as load:
            for number in range(REPLACEMENTS):
                load.more(REQUESTS // REPLACEMENTS)
                gateway = replace_envoy(gateway, number)
            load.more(100)
    assert not load.failures, load.codes
    assert load.total >= REQUESTS


def test_without_a_standby_envoy_serves_nothing_until_the_control_plane_is_back(tmp_path: Path) -> None:
    with run_with_standby(tmp_path) as (gateway, _):
        for process in ("standby", "control_plane", "envoy"):
            gateway.stop(process, kill=True)
        gateway.start_envoy()
        wait_for(lambda: bool(gateway.get("/server_info")), "Envoy's admin", gateway)
        assert not gateway.get("/ready")
        assert not answers(gateway, "vision")
        gateway.start_control_plane()
        gateway.wait_until_ready()
        assert answers(gateway, "vision")


def test_what_is_kept_from_an_earlier_run_never_hides_the_control_plane(tmp_path: Path) -> None:
    with run_with_standby(tmp_path) as (gateway, vision):
        gateway.stop("envoy")
        kept = gateway.snapshot.read_bytes()
        gateway.stop("control_plane")
        gateway.snapshot.write_bytes(b"not a configuration")
        gateway.start_envoy()
        wait_for(lambda: "not usable" in gateway.log("standby"), "the standby to refuse the file", gateway)
        assert not gateway.get("/ready")
        gateway.write_fleet([("vision", vision.address)])
        gateway.start_control_plane()
        gateway.wait_until_ready()
        wait_for(lambda: gateway.snapshot.read_bytes() == kept, "the file to be written again", gateway)
