# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The control plane as a process, and Envoy without it."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import grpc
import pytest

from tests.contract.gateway.calls import V2, VISION, call, classify, infer, open_channel
from tests.contract.gateway.fleet import run_standin
from tests.contract.gateway.load import in_flight
from tests.support.envoy import Gateway, free_ports, run_gateway, wait_for

DEFAULT = {"digits": {"default_for": ["Classify"]}}


async def test_calls_go_on_without_the_control_plane_and_updates_resume_with_it(tmp_path: Path) -> None:
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_standin("vision", "B", DEFAULT) as b,
        run_gateway([("vision", a.address), ("vision", b.address)], tmp_path) as gateway,
    ):
        async with in_flight(gateway.address, "digits", concurrency=4) as load:
            for kill in (True, False):
                gateway.stop("control_plane", kill=kill)
                await load.more(200)
                gateway.start_control_plane()
                wait_for(lambda: gateway.stats("control_plane.connected_state").popitem()[1] == 1, "ADS", gateway)
                await load.more(200)
            a.set(models={**DEFAULT, "faces": {}})

            def faces() -> str:
                with open_channel(gateway.address) as channel:
                    return call(channel, f"{V2}/ModelInfer", infer("faces")).code.name

            wait_for(lambda: faces() == "OK", "updates to resume", gateway)
            await load.more(50)
        assert load.codes.keys() == {"OK"}, load.failures[:3]
        updates = gateway.stats("(update_rejected|cluster_removed)$")
        assert set(updates.values()) == {0}, updates


async def test_a_dead_worker_is_survived_without_the_control_plane(tmp_path: Path) -> None:
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_standin("vision", "B", DEFAULT) as b,
        run_gateway([("vision", a.address), ("vision", b.address)], tmp_path) as gateway,
    ):
        gateway.stop("control_plane", kill=True)
        # Calls that have begun to answer cannot be saved: these spend their time before it.
        async with in_flight(gateway.address, "digits", concurrency=8, metadata=[("test-do", "sleep:0.02")]) as load:
            await load.more(50)
            b.process.kill()
            await load.more(300)
        assert load.codes.keys() == {"OK"}, load.failures[:3]
        with open_channel(gateway.address) as channel:
            answer = call(channel, "/argosy.fleet.v1.FleetService/ListModels", b"")
            assert answer.refused()[:2] == ("UNAVAILABLE", "UPSTREAM_UNREACHABLE")


def test_envoy_may_start_first_and_waits_for_its_configuration(tmp_path: Path) -> None:
    with run_standin("vision", "A", DEFAULT) as a:
        gateway = Gateway(tmp_path, *free_ports(4))
        gateway.write_fleet([("vision", a.address)])
        try:
            gateway.start_envoy()
            wait_for(lambda: bool(gateway.get("/server_info")), "Envoy's admin", gateway)
            assert not gateway.get("/ready"), "an Envoy without routes must not be ready"
            gateway.start_control_plane()
            gateway.wait_until_ready()
            with open_channel(gateway.address) as channel:
                assert call(channel, f"{VISION}/Classify", classify()).replica == "A"
        finally:
            for name in list(gateway.processes):
                gateway.stop(name)


def test_a_worker_that_is_not_there_yet_delays_the_start_by_two_seconds_at_most(tmp_path: Path) -> None:
    (missing,) = free_ports(1)
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_gateway([("vision", a.address), ("nlp", f"127.0.0.1:{missing}")], tmp_path) as gateway,
        open_channel(gateway.address) as channel,
    ):
        assert call(channel, f"{VISION}/Classify", classify()).replica == "A"
        assert "starting without workers" in gateway.log("control_plane")
        with run_standin("nlp", "N", {"sentiment": {}}, port=missing):
            wait_for(
                lambda: call(channel, f"{V2}/ModelInfer", infer("sentiment")).code == grpc.StatusCode.OK,
                "the late worker to answer",
                gateway,
            )


def test_configuration_never_touches_the_listener(tmp_path: Path) -> None:
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_gateway([("vision", a.address)], tmp_path) as gateway,
    ):
        for name in ("one", "two"):
            a.set(models={**DEFAULT, name: {}})
            with open_channel(gateway.address) as channel:
                wait_for(
                    lambda channel=channel, name=name: call(channel, f"{V2}/ModelInfer", infer(name)).code.name == "OK",
                    name,
                    gateway,
                )
        assert gateway.stats("^listener_manager.(lds|listener_(modified|removed))") == {
            "listener_manager.listener_modified": 0,
            "listener_manager.listener_removed": 0,
        }


def run_control_plane(fleet: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "argosy_gateway", "--fleet", str(fleet), "--port", "0", "--metrics-port", "0"]
    return subprocess.run([*command, *options], capture_output=True, text=True, timeout=30)


def test_a_bad_fleet_document_ends_the_start_with_one_line(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text("workers:\n  - domain: vison\n    address: 127.0.0.1:8101\n")
    ended = run_control_plane(fleet)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"argosy_gateway: {fleet}:2: workers[0].domain: no such domain; there are ")


@pytest.mark.parametrize("option", ["--port", "--metrics-port"])
def test_a_port_in_use_ends_the_start_with_one_line(tmp_path: Path, option: str) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text("workers: [{domain: vision, address: '127.0.0.1:8101'}]\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = run_control_plane(fleet, option, port)
    assert ended.returncode == 1
    lines = [line for line in ended.stderr.splitlines() if line.startswith("argosy_gateway: ")]
    assert len(lines) == 1
    assert port in lines[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_with_status_0(tmp_path: Path, number: signal.Signals) -> None:
    fleet = tmp_path / "fleet.yaml"
    fleet.write_text("workers: [{domain: vision, address: '127.0.0.1:1'}]\n")
    command = [sys.executable, "-m", "argosy_gateway", "--fleet", str(fleet), "--port", "0", "--metrics-port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            listening = json.loads(process.stderr.readline())
            assert listening["message"] == "listening"
            url = f"http://127.0.0.1:{listening['metrics_port']}/metrics"
            with urllib.request.urlopen(url, timeout=5) as page:
                assert 'argosy_gateway_workers{domain="vision"' in page.read().decode()
            process.send_signal(number)
            assert process.wait(10) == 0
        finally:
            process.kill()
