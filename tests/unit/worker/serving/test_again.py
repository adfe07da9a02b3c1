# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that gRPC makes again by itself, against a real server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import grpc
import pytest
from argosy.tabular.v1.tabular_pb2 import PredictResponse
from argosy_worker.errors import NotReady, Overloaded
from argosy_worker.lifecycle.state import ModelState, StateBoard
from argosy_worker.metrics import Metrics
from argosy_worker.serving.edge import Edge, Exchange, Serve
from argosy_worker.serving.patience import Patience
from argosy_worker.serving.status import V2_CODES

METHOD = "argosy.tabular.v1.TabularService/Predict"
ONE_RETRY = {
    "maxAttempts": 2,
    "initialBackoff": "0.01s",
    "maxBackoff": "0.01s",
    "backoffMultiplier": 1,
    "retryableStatusCodes": ["UNAVAILABLE"],
}

Send = Callable[[], Awaitable[bytes]]


@asynccontextmanager
async def served(serve: Serve, board: StateBoard | None = None) -> AsyncIterator[Send]:
    """A server of one method, and a client that makes a call once more where that may help."""
    edge = Edge("replica", 1000, Metrics("tabular"), patience=Patience(board or StateBoard()))
    server = grpc.aio.server()
    handler = edge.unary(METHOD, bytes, serve, V2_CODES)
    service, name = METHOD.split("/")
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {name: handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    options = [("grpc.service_config", json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": ONE_RETRY}]}))]
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        method = channel.unary_unary(f"/{METHOD}")
        yield lambda: method(b"", timeout=20)
    await server.stop(None)


async def test_a_worker_that_asks_for_it_gets_a_second_attempt() -> None:
    attempts: list[bool] = []

    async def serve(_request: bytes, exchange: Exchange) -> PredictResponse:
        attempts.append(exchange.context.again)
        if len(attempts) == 1:
            raise NotReady("loading", retry_elsewhere=True)
        return PredictResponse(model="m")

    async with served(serve) as send:
        assert PredictResponse.FromString(await send()).model == "m"
    assert attempts == [False, True]


async def test_the_second_attempt_waits_until_it_can_be_served() -> None:
    board, attempts = StateBoard(), asyncio.Event()

    async def serve(_request: bytes, exchange: Exchange) -> PredictResponse:
        if "m" not in board.snapshot.models:
            if exchange.context.again:
                attempts.set()
            raise NotReady("loading", retry_elsewhere=True)
        return PredictResponse(model="m")

    async with served(serve, board) as send:
        answer = asyncio.ensure_future(send())
        await asyncio.wait_for(attempts.wait(), 20)
        board.put(ModelState("m"))
        assert PredictResponse.FromString(await answer).model == "m"


async def test_an_overload_gets_no_second_attempt() -> None:
    attempts: list[bool] = []

    async def serve(_request: bytes, exchange: Exchange) -> PredictResponse:
        attempts.append(exchange.context.again)
        raise Overloaded("busy", retry_after_s=0.25)

    async with served(serve) as send:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await send()
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    assert attempts == [False]
