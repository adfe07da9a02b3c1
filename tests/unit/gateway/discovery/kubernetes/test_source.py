# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import partial

import pytest
from aiohttp import web
from argosy_gateway.discovery import WorkerSpec
from argosy_gateway.discovery.kubernetes.connection import connect
from argosy_gateway.discovery.kubernetes.source import KubernetesSource
from argosy_gateway.discovery.kubernetes.watching import Pace
from argosy_gateway.traffic import Share, Traffic

from tests.support.api_server import ApiServer
from tests.support.slices import MODELS, SLICES, endpoint, endpoint_slice
from tests.support.waiting import until
from tests.unit.gateway.controller.resources import resource

SHARES = {"labels": {"stable": 3}, "traffic": {"split": {"stable": 100}}}
PACE = Pace(delays_s=(0.01,))


@contextlib.asynccontextmanager
async def followed(server: ApiServer) -> AsyncIterator[KubernetesSource]:
    source = KubernetesSource("argosy-system", "gateway-1", connection=partial(connect, server.access), pace=PACE)

    async def follow() -> None:
        async for _ in source.changes():
            pass

    task = asyncio.create_task(follow())
    try:
        yield source
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    async with ApiServer() as server:
        await server.put(SLICES, "a", endpoint_slice("vision", endpoint("10.0.0.1", "a")))
        yield server


@pytest.mark.parametrize("late", [SLICES, MODELS])
async def test_nothing_is_known_before_all_of_it_has_been_listed(server: ApiServer, late: str) -> None:
    busy = True

    async def refuse(request: web.Request) -> web.StreamResponse | None:
        return web.json_response({"message": "busy"}, status=503) if request.path == late and busy else None

    server.answer = refuse
    async with followed(server) as source:
        await until(lambda: len(server.requests) > 6)
        assert source.current() is None
        busy = False
        await until(source.current)
    desired = source.current()
    assert desired is not None
    assert desired.workers == (WorkerSpec("vision", "10.0.0.1:8101"),)


async def test_workers_zones_and_models_are_put_together_and_nothing_is_applied(server: ApiServer) -> None:
    own = endpoint_slice("", endpoint("10.0.1.1", "gateway-1", zone="x"), component="gateway")
    await server.put(SLICES, "own", own)
    zoned = (endpoint("10.0.0.1", "a", zone="x", hints=["x"]), endpoint("10.0.0.2", "b", zone="y", hints=["y"]))
    await server.put(SLICES, "a", endpoint_slice("vision", *zoned))
    await server.put(MODELS, "digits", resource("digits", **SHARES))
    await server.put(MODELS, "faces", resource("faces", loaded=False))
    async with followed(server) as source:
        await until(source.current)
    desired = source.current()
    assert desired is not None
    assert [worker.address for worker in desired.workers] == ["10.0.0.1:8101", "10.0.0.2:8101"]
    assert desired.distant == {"10.0.0.2:8101"}
    assert desired.labels == {"digits": {"stable": 3}}
    assert desired.traffic == {"digits": Traffic((Share(3, 10000),))}
    assert desired.unloaded == {"faces"}
    assert source.epoch is None


async def test_a_model_that_cannot_be_used_any_more_stays_as_it_was(
    server: ApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    await server.put(MODELS, "digits", resource("digits", **SHARES))
    async with followed(server) as source:
        await until(source.current)
        known = source.current()
        await server.put(MODELS, "digits", resource("digits", **SHARES | {"traffic": {"weights": {}}}))
        await until(lambda: "ignored" in caplog.messages)
        assert source.current() == known
        await server.put(MODELS, "digits", resource("digits"))
        await until(lambda: (now := source.current()) and not now.labels)


async def test_a_cluster_without_the_resource_model_has_no_models(server: ApiServer) -> None:
    server.unknown.add(MODELS)
    async with followed(server) as source:
        await until(source.current)


async def test_what_cannot_be_used_is_reported_once(server: ApiServer, caplog: pytest.LogCaptureFixture) -> None:
    await server.put(SLICES, "odd", endpoint_slice("astrology", endpoint("10.0.0.9")))
    await server.put(SLICES, "broken", endpoint_slice("vision", endpoint("010.0.0.1")))
    await server.put(MODELS, "bad", resource("bad", traffic={"split": {"none": 100}}))
    async with followed(server) as source:
        await until(source.current)
        await server.put(SLICES, "a", endpoint_slice("vision", endpoint("10.0.0.2", "a")))
        await until(lambda: (now := source.current()) and now.workers[0].address == "10.0.0.2:8101")
    reasons = [record.reason for record in caplog.records if record.message == "ignored"]  # type: ignore[attr-defined]
    assert len(reasons) == 3
    assert "'astrology'" in reasons[0]
    assert reasons[1].startswith("Model bad: ")
    assert "'010.0.0.1'" in reasons[2]


async def test_what_was_known_stays_known_while_the_server_is_away(
    server: ApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with followed(server) as source:
        await until(source.current)
        known = source.current()
        await server.stop()
        await until(lambda: _away(caplog) == {SLICES, MODELS})
        assert source.current() is known


def _away(caplog: pytest.LogCaptureFixture) -> set[str]:
    """Paths of which it was reported that nothing new is known."""
    said = "no news from the API server, what it said last stays in force"
    return {record.path for record in caplog.records if record.message == said}  # type: ignore[attr-defined]
