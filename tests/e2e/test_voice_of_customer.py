# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The example of a service that calls services, as a process of its own that reaches real workers without a proxy."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.support.envoy import free_ports
from tests.support.fleet import FleetAddresses

EXAMPLE = Path(__file__).parents[2] / "examples" / "voice_of_customer"
RECORDING = EXAMPLE / "call.ogg"


@contextlib.contextmanager
def serving(control_plane: str) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """Runs the service; its address, and its process."""
    (port,) = free_ports(1)
    command = [sys.executable, str(EXAMPLE / "serve.py"), "--port", str(port), "--control-plane", control_plane]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "serving voiceofcustomer.v1" in process.stdout.readline()
            yield f"127.0.0.1:{port}", process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def address(fleet: FleetAddresses) -> Iterator[str]:
    with serving(fleet.control_plane) as (found, _):
        yield found


def ask(address: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(EXAMPLE / "call.py"), *arguments, "--address", address]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_recording_becomes_words_a_judgement_and_items_by_three_calls_of_three_domains(address: str) -> None:
    done = ask(address, str(RECORDING), "--shelf", "mystery")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["transcript"] == "nine right six yes stop four"
    assert answer["mentionedItemIds"] == ["mystery-09", "mystery-06", "mystery-04"]
    assert answer["sentiment"]["label"] in ("positive", "negative")
    assert len(answer["recommendations"]) == 3
    assert not {item["itemId"] for item in answer["recommendations"]} & set(answer["mentionedItemIds"])
    models = {step["method"].split(".")[1]: step["model"] for step in answer["steps"]}
    assert models == {"speech": "digits_and_commands", "nlp": "sentiment", "recommendation": "behaviour"}


def test_what_a_model_refuses_is_said_by_the_service_as_the_model_says_it(address: str, tmp_path: Path) -> None:
    (tmp_path / "noise.wav").write_bytes(b"no audio at all")
    done = ask(address, str(tmp_path / "noise.wav"))
    assert done.returncode == 1
    assert "INVALID_ARGUMENT" in done.stderr and done.stderr.count("\n") == 1


def test_a_deadline_that_is_too_short_ends_the_call_in_time(address: str) -> None:
    done = ask(address, str(RECORDING), "--timeout", "0.001")
    assert "DEADLINE_EXCEEDED" in done.stderr


def test_it_says_that_it_is_healthy_and_stops_when_told_to(fleet: FleetAddresses) -> None:
    with serving(fleet.control_plane) as (address, process):
        with grpc.insecure_channel(address) as channel:
            request = health_pb2.HealthCheckRequest(service="voiceofcustomer.v1.VoiceOfCustomerService")
            answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=20, wait_for_ready=True)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        process.terminate()
        assert process.wait(30) == 0
