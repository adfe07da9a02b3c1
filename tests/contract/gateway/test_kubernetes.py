# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Envoy and a control plane that learns its workers from an API server, which is a small server of the test."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from grpc_health.v1 import health_pb2

from tests.contract.gateway.calls import VISION, call, classify, open_channel
from tests.contract.gateway.fleet import Standin, run_standin
from tests.contract.gateway.load import in_flight
from tests.support.api_server import Beside, beside
from tests.support.envoy import Gateway, run_gateway, wait_for
from tests.support.slices import MODELS, SLICES, endpoint, endpoint_slice

MODEL = {"digits": {"default_for": ["Classify"], "versions": [2, 1]}}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Beside]:
    (tmp_path / "api").mkdir()
    with beside(tmp_path / "api") as api:
        yield api


@pytest.fixture(scope="module")
def workers() -> Iterator[tuple[Standin, Standin]]:
    with run_standin("vision", "A", MODEL) as a, run_standin("vision", "B", MODEL) as b:
        yield a, b


def put(api: Beside, name: str, worker: Standin, **zone: Any) -> None:
    """Lists a worker in a slice of its own."""
    host, _, port = worker.address.rpartition(":")
    content = endpoint_slice("vision", endpoint(host, name, **zone), port=int(port))
    api.do(api.server.put(SLICES, name, content))


def gateway(api: Beside, folder: Path, *options: str, **more: Any) -> Any:
    source = ("--kubernetes", "--pod", "gateway-1", *options)
    (folder / "gateway").mkdir()
    return run_gateway([], folder / "gateway", source=source, environment={"KUBECONFIG": str(api.kubeconfig)}, **more)


def replicas(gateway: Gateway, count: int = 20) -> set[str]:
    """Who answers."""
    with open_channel(gateway.address) as channel:
        return {call(channel, f"{VISION}/Classify", classify("digits")).replica for _ in range(count)}


async def eventually(condition: Callable[[], bool], what: str, gateway: Gateway) -> None:
    """Waits while calls go on."""
    await asyncio.to_thread(wait_for, condition, what, gateway)


def health(gateway: Gateway) -> str:
    """The health of the fleet."""
    with open_channel(gateway.control_plane) as channel:
        answer = call(channel, "/grpc.health.v1.Health/Check", health_pb2.HealthCheckRequest(), timeout=2)
    if not answer.messages:
        return answer.code.name
    status = health_pb2.HealthCheckResponse.FromString(answer.messages[0]).status
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(status))


async def test_slices_and_models_say_where_calls_go(
    api: Beside, workers: tuple[Standin, Standin], tmp_path: Path
) -> None:
    a, b = workers
    put(api, "one", a)
    with gateway(api, tmp_path) as running:
        assert replicas(running) == {"A"}
        assert health(running) == "SERVING"
        async with in_flight(running.address, "digits", concurrency=4) as load:
            put(api, "two", b)
            await eventually(lambda: replicas(running) == {"A", "B"}, "both", running)
            api.do(api.server.delete(SLICES, "one"))
            await eventually(lambda: replicas(running) == {"B"}, "the second alone", running)
            await load.more(50)
        assert load.codes.keys() == {"OK"}, load.failures
        shares = {"labels": {"old": 1}, "traffic": {"split": {"old": 100}}}
        spec = {"domain": "vision", "source": {"uri": "pvc://demo/digits"}, **shares}
        api.do(api.server.put(MODELS, "digits", {"spec": spec}))

        def version() -> str:
            with open_channel(running.address) as channel:
                return str(call(channel, f"{VISION}/Classify", classify("digits")).trailers.get("argosy-version"))

        await eventually(lambda: version() == "1", "the split", running)
        assert b.set()["labels"] == {}  # a control plane tells workers nothing


async def test_calls_go_on_while_the_api_server_is_away_whatever_starts_again_meanwhile(
    api: Beside, workers: tuple[Standin, Standin], tmp_path: Path
) -> None:
    a, b = workers
    put(api, "one", a)
    kept = tmp_path / "kept"
    with gateway(api, tmp_path, "--snapshot", str(kept)) as running:
        await eventually(kept.exists, "the configuration to be kept", running)
        async with in_flight(running.address, "digits", concurrency=4) as load:
            api.do(api.server.stop())
            await eventually(
                lambda: "no news from the API server" in running.log("control_plane"), "it to say", running
            )
            await load.more(100)
            running.stop("control_plane", kill=True)
            running.start_control_plane()
            await eventually(lambda: "waiting for the API server" in running.log("control_plane"), "it to say", running)
            await eventually(lambda: health(running) == "NOT_SERVING", "the new one to answer", running)
            await load.more(100)
        assert load.codes.keys() == {"OK"}, load.failures
        running.stop("envoy", kill=True)
        running.start_envoy()
        await asyncio.to_thread(running.wait_until_ready)
        assert replicas(running) == {"A"}
        assert health(running) == "NOT_SERVING"
        async with in_flight(running.address, "digits", concurrency=4) as load:
            put(api, "two", b)
            api.do(api.server.start())
            await eventually(lambda: replicas(running) == {"A", "B"}, "both", running)
            await load.more(50)
        assert load.codes.keys() == {"OK"}, load.failures
        assert health(running) == "SERVING"
        said = running.log("control_plane")
        assert said.count("waiting for the API server") == 2  # once for each kind of objects


async def test_calls_stay_in_their_zone_as_long_as_a_worker_there_can_answer(
    api: Beside, workers: tuple[Standin, Standin], tmp_path: Path
) -> None:
    _, far = workers
    api.do(
        api.server.put(
            SLICES, "own", endpoint_slice("", endpoint("192.0.2.1", "gateway-1", zone="x"), component="gateway")
        )
    )
    with run_standin("vision", "near", MODEL) as near:
        put(api, "near", near, zone="x", hints=["x"])
        put(api, "far", far, zone="y", hints=["y"])
        with gateway(api, tmp_path) as running:
            async with in_flight(running.address, "digits", concurrency=8) as load:
                await load.more(200)
                assert load.replicas.keys() == {"near"}
                near.process.kill()
                await eventually(lambda: replicas(running, 3) == {"B"}, "the other zone", running)
                await load.more(50)
            assert load.codes.keys() == {"OK"}, load.failures
