# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What probes are told of a worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from argosy.fleet.v1 import worker_pb2
from argosy_worker.lifecycle.state import ModelState, State, StateBoard, VersionState
from argosy_worker.serving import health
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio

ALIVE: str = worker_pb2.DESCRIPTOR.services_by_name["WorkerService"].full_name
SERVING = health_pb2.HealthCheckResponse.SERVING


def model(name: str, *states: State) -> ModelState:
    """A model whose versions, newest first, are in these states."""
    return ModelState(name, versions=tuple(VersionState(9 - at, state) for at, state in enumerate(states)))


@asynccontextmanager
async def followed(board: StateBoard) -> AsyncIterator[aio.HealthServicer]:
    """A health servicer that follows a board."""
    servicer = aio.HealthServicer()
    following = asyncio.create_task(health.follow(board, servicer, ["a.Service"], ALIVE))
    try:
        yield servicer
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


async def serving(servicer: aio.HealthServicer, service: str) -> bool:
    """Whether a service is SERVING, once what was published has been followed."""
    for _ in range(10):
        await asyncio.sleep(0)
    answer = await servicer.Check(health_pb2.HealthCheckRequest(service=service), None)
    return bool(answer.status == SERVING)


async def test_readiness_waits_for_the_last_model_and_not_for_the_first() -> None:
    board = StateBoard()
    async with followed(board) as servicer:
        board.put(model("early", State.READY))
        board.put(model("late", State.LOADING))
        board.complete()
        assert await serving(servicer, "")
        assert not await serving(servicer, health.MODELS)
        board.put(model("late", State.READY))
        assert await serving(servicer, health.MODELS)


async def test_readiness_waits_until_all_of_the_repository_was_read() -> None:
    board = StateBoard()
    async with followed(board) as servicer:
        board.put(model("early", State.READY))
        assert not await serving(servicer, health.MODELS)
        board.complete()
        assert await serving(servicer, health.MODELS)


async def test_neither_a_model_that_failed_nor_a_new_version_that_loads_takes_readiness_away() -> None:
    board = StateBoard()
    async with followed(board) as servicer:
        board.complete()
        board.put(model("broken", State.FAILED))
        assert not await serving(servicer, health.MODELS)
        board.put(model("renewed", State.LOADING, State.READY))
        assert await serving(servicer, health.MODELS)


async def test_liveness_asks_for_no_model_and_outlasts_a_drain() -> None:
    board = StateBoard()
    async with followed(board) as servicer:
        assert await serving(servicer, ALIVE)
        board.put(model("broken", State.FAILED))
        board.drain()
        assert await serving(servicer, ALIVE)
        assert not await serving(servicer, health.MODELS)


async def test_a_worker_that_is_to_have_no_model_is_ready_once_a_controller_has_said_so() -> None:
    board = StateBoard()
    async with followed(board) as servicer:
        board.complete()
        assert not await serving(servicer, health.MODELS)
        board.tell()
        assert await serving(servicer, health.MODELS)
        assert not await serving(servicer, "")
        board.put(model("wanted", State.LOADING))
        assert not await serving(servicer, health.MODELS)
        board.put(model("wanted", State.FAILED))
        assert not await serving(servicer, health.MODELS)
        board.put(model("wanted", State.READY))
        assert await serving(servicer, health.MODELS)
        board.put(model("wanted", State.DRAINING, State.UNLOADED))
        assert await serving(servicer, health.MODELS)


async def test_a_worker_that_was_told_nothing_yet_is_not_ready_without_its_models() -> None:
    board = StateBoard()
    async with followed(board) as servicer:
        board.complete()
        board.put(model("unloaded", State.UNLOADED))
        assert not await serving(servicer, health.MODELS)
