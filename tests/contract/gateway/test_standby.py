# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The standby as a program of its own; ``e2e/test_gateway_restart.py`` has what callers see of it."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from argosy_gateway.snapshot import CLUSTER
from envoy.service.discovery.v3.ads_pb2_grpc import AggregatedDiscoveryServiceStub
from envoy.service.discovery.v3.discovery_pb2 import DiscoveryRequest

from tests.contract.gateway.calls import V2, VISION, call, classify, infer, open_channel
from tests.contract.gateway.fleet import Standin, run_standin
from tests.support.envoy import Gateway, run_gateway, wait_for

DEFAULT = {"digits": {"default_for": ["Classify"]}}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[Gateway, Standin]]:
    """A gateway with a standby, and its worker; what Envoy accepted is kept."""
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_gateway([("vision", a.address)], tmp_path, standby=True) as gateway,
    ):
        wait_for(gateway.snapshot.exists, "the configuration to be kept", gateway)
        yield gateway, a


def replica(gateway: Gateway) -> str:
    """Who answers, if anybody."""
    with open_channel(gateway.address) as channel:
        return call(channel, f"{VISION}/Classify", classify()).replica


def test_a_control_plane_that_hangs_is_away_and_takes_over_when_it_goes_on(running: tuple[Gateway, Standin]) -> None:
    gateway, worker = running
    hung = gateway.processes["control_plane"]
    hung.send_signal(signal.SIGSTOP)
    try:
        gateway.stop("envoy", kill=True)
        gateway.start_envoy()
        gateway.wait_until_ready()
        assert replica(gateway) == "A"
    finally:
        hung.send_signal(signal.SIGCONT)
    worker.set(models={**DEFAULT, "faces": {}})

    def faces() -> str:
        with open_channel(gateway.address) as channel:
            return call(channel, f"{V2}/ModelInfer", infer("faces")).replica

    wait_for(lambda: faces() == "A", "the control plane to take over", gateway)


def test_it_configures_nobody_while_the_control_plane_is_there(running: tuple[Gateway, Standin]) -> None:
    gateway, _ = running

    def ask() -> str:
        with grpc.insecure_channel(f"127.0.0.1:{gateway.standby_port}") as channel:
            stream = AggregatedDiscoveryServiceStub(channel).StreamAggregatedResources
            try:
                answer = next(stream(iter([DiscoveryRequest(type_url=CLUSTER)]), timeout=10))
            except grpc.RpcError as error:
                return str(error.details())
            return f"{len(answer.resources)} resources"

    wait_for(lambda: "the control plane is there" in ask(), "the standby to refuse", gateway)
    gateway.stop("control_plane", kill=True)
    wait_for(lambda: ask().endswith("resources"), "the standby to answer", gateway)


def test_a_port_in_use_ends_the_start_with_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "argosy_gateway.standby", "--snapshot", str(tmp_path / "none")]
        command += ["--control-plane", "127.0.0.1:1", "--port", port]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    lines = [line for line in ended.stderr.splitlines() if line.startswith("argosy_gateway.standby: ")]
    assert len(lines) == 1
    assert port in lines[0]
