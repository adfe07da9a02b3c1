# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What is wanted of a worker's models, and what becomes of it where the worker knows a newer controller."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest
from argosy.fleet.v1 import worker_pb2, worker_pb2_grpc
from argosy.status import DETAILS_KEY, Problem, pack
from argosy_gateway.latest import Latest
from argosy_gateway.watch import labels
from argosy_gateway.watch.labels import Wanted

_CODE = grpc.StatusCode.FAILED_PRECONDITION


class Worker(worker_pb2_grpc.WorkerServiceServicer):
    """Refuses what is wanted, for one reason after the other; then it takes it."""

    def __init__(self, *refusals: Problem) -> None:
        self._refusals: Iterator[Problem] = iter(refusals)
        self.applied = asyncio.Event()

    async def ApplyDesired(self, _request: Any, context: Any) -> worker_pb2.ApplyDesiredResponse:
        for problem in self._refusals:
            details = pack(_CODE.value[0], problem)
            await context.abort(_CODE, problem.message, ((DETAILS_KEY, details),))
        self.applied.set()
        return worker_pb2.ApplyDesiredResponse()


@contextlib.asynccontextmanager
async def connected(worker: Worker) -> AsyncIterator[worker_pb2_grpc.WorkerServiceStub]:
    """A stub of the worker."""
    server = grpc.aio.server()
    worker_pb2_grpc.add_WorkerServiceServicer_to_server(worker, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield worker_pb2_grpc.WorkerServiceStub(channel)
    finally:
        await server.stop(None)


def stale(epoch: str) -> Problem:
    """The refusal of a worker that knows a newer controller."""
    return Problem(f"epoch 1 is older than {epoch}", "STALE_EPOCH", {"epoch": epoch})


async def test_who_is_refused_for_a_newer_epoch_is_told_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "_RETRY_S", 0.01)
    other = Problem("not now", "NOT_READY", {"epoch": "9"})
    worker, found = Worker(other, stale("7"), stale("7"), stale("many")), list[int]()
    async with connected(worker) as stub:
        keeping = asyncio.create_task(labels.keep_applied(stub, "here", Latest(Wanted(1)), found.append))
        async with asyncio.timeout(10):
            await worker.applied.wait()
        keeping.cancel()
    assert found == [7]


async def test_who_does_not_ask_for_that_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "_RETRY_S", 0.01)
    worker = Worker(stale("7"))
    async with connected(worker) as stub:
        keeping = asyncio.create_task(labels.keep_applied(stub, "here", Latest(Wanted(1))))
        async with asyncio.timeout(10):
            await worker.applied.wait()
        keeping.cancel()
