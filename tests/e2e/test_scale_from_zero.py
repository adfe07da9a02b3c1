# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A domain without a worker, through a real Envoy: its callers are told when to come back, KEDA is told at once."""

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy as np
import pytest
from argosy.keda.externalscaler_pb2 import ScaledObjectRef
from argosy.keda.externalscaler_pb2_grpc import ExternalScalerStub
from argosy_client import Argosy

from tests.contract.gateway.calls import V2, VISION, Answer, call, classify, infer, open_channel
from tests.contract.gateway.fleet import run_standin
from tests.support.envoy import Gateway, free_ports, run_gateway, wait_for
from tests.support.scraped import scraped

DIGITS = {"digits": {"default_for": ["Classify"]}}
SCALED = ScaledObjectRef(
    name="worker-vision",
    namespace="argosy-system",
    scalerMetadata={"scalerAddress": "control-plane:18000", "domain": "vision", "idleSeconds": "600"},
)
#: What callers are told before anything was learned, in seconds.
FIRST_GUESS_S = 0.7


@contextlib.contextmanager
def peer(gateway: Gateway) -> Iterator[str]:
    """The control plane of another gateway pod, which KEDA asks and nobody calls; yields its address."""
    port, metrics = free_ports(2)
    command = [sys.executable, "-m", "argosy_gateway", "--fleet", str(gateway.fleet), "--port", str(port)]
    command += ["--metrics-port", str(metrics), "--poll-interval-s", "0.05", "--autoscaled", "vision"]
    command += ["--peers", f"{gateway.control_plane},127.0.0.1:{port}"]
    with (gateway.folder / "peer.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def asked(channel: grpc.Channel) -> Answer:
    """A call of the model that sleeps."""
    return call(channel, f"{V2}/ModelInfer", infer("digits"), metadata=[("x-model", "digits")])


def delay(answer: Answer) -> float:
    """When a caller is told to come back, in seconds."""
    assert answer.refused()[:2] == ("UNAVAILABLE", "MODEL_NOT_READY"), answer
    assert answer.problem.retry_after_s is not None
    return answer.problem.retry_after_s


def test_a_domain_wakes_for_a_call_that_waits_for_it(tmp_path: Path) -> None:
    options = ("--autoscaled", "vision", "--first-wake-s", str(FIRST_GUESS_S))
    with contextlib.ExitStack() as stack:
        nlp = stack.enter_context(run_standin("nlp", "N", {"sentiment": {}}))
        vision = run_standin("vision", "V", DIGITS)
        rest = [("nlp", nlp.address)]
        workers = [*rest, ("vision", vision.__enter__().address)]
        gateway = stack.enter_context(run_gateway(workers, tmp_path, *options))
        keda = stack.enter_context(peer(gateway))
        channel = stack.enter_context(open_channel(gateway.address))
        assert asked(channel).replica == "V"
        asks = ExternalScalerStub(stack.enter_context(grpc.insecure_channel(keda)))
        wait_for(lambda: _answers(asks), "the peer to know the fleet", gateway)

        gateway.write_fleet(rest)
        vision.__exit__(None, None, None)
        wait_for(lambda: asked(channel).problem.metadata.get("state") == "ASLEEP", "vision to sleep", gateway)
        unnamed = call(channel, f"{VISION}/Classify", classify())
        assert unnamed.problem.metadata == {
            "model": "digits",
            "state": "ASLEEP",
            "reason": "no worker of vision runs; a call starts one",
        }, "the default model of the method"
        assert not _ready(channel)

        # What was asked above has told the peer already that there is to be a worker.
        wait_for(lambda: asks.IsActive(SCALED, timeout=5).result, "the peer to hear of the call", gateway)
        with Argosy(gateway.address) as client, ThreadPoolExecutor(1) as pool:
            before = _in_vain(gateway)
            waiting = pool.submit(client.tensors.infer, "digits", {"x": np.zeros((1, 1), np.float32)}, timeout_s=20)
            wait_for(lambda: _in_vain(gateway) > before, "the call to be told to come back", gateway)
            assert not waiting.done()
            woken = stack.enter_context(run_standin("vision", "W", DIGITS))
            gateway.write_fleet([*rest, ("vision", woken.address)])
            assert waiting.result(20).timing.replica == "W"
        assert asked(channel).replica == "W"


def _ready(channel: grpc.Channel) -> bool:
    answer = call(channel, f"{V2}/ModelReady", infer("digits"), metadata=[("x-model", "digits")])
    # Until its routes follow, Envoy may still look for an endpoint.
    return answer.code is not grpc.StatusCode.OK or bool(answer.one("inference.ModelReadyResponse").ready)


def _in_vain(gateway: Gateway) -> float:
    """Calls that found no worker."""
    return scraped(gateway.metrics_port)["argosy_gateway_front_model_calls_total", "not_ready"]


def _answers(asks: ExternalScalerStub) -> bool:
    try:
        return bool(asks.IsActive(SCALED, timeout=5).result)
    except grpc.RpcError:
        return False


@pytest.mark.slow
def test_nine_of_ten_wakes_take_what_their_first_caller_was_told_give_or_take_a_half(tmp_path: Path) -> None:
    chance = random.Random(7)
    options = ("--autoscaled", "vision", "--first-wake-s", "20")
    with contextlib.ExitStack() as stack:
        nlp = stack.enter_context(run_standin("nlp", "N", {"sentiment": {}}))
        rest = [("nlp", nlp.address)]
        vision = stack.enter_context(run_standin("vision", "V", DIGITS))
        gateway = stack.enter_context(run_gateway([*rest, ("vision", vision.address)], tmp_path, *options))
        channel = stack.enter_context(open_channel(gateway.address))
        pairs = []
        for _ in range(13):
            gateway.write_fleet(rest)
            wait_for(lambda: not _ready(channel), "vision to sleep", gateway)
            began = time.monotonic()
            told = delay(asked(channel))
            time.sleep(2 * chance.uniform(0.7, 1.3))
            gateway.write_fleet([*rest, ("vision", vision.address)])
            wait_for(lambda: asked(channel).code is grpc.StatusCode.OK, "vision to answer", gateway)
            pairs.append((told, time.monotonic() - began))
    learned = pairs[3:]
    good = sum(0.5 * took <= told <= 1.5 * took for told, took in learned)
    assert good >= 0.9 * len(learned), pairs
