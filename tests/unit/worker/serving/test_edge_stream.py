# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A stream that says nothing is ended, whatever its method."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from argosy_worker.metrics import Metrics
from argosy_worker.serving import edge_stream, server
from argosy_worker.serving.edge import Edge, Exchange

METHOD = "argosy.tabular.v1.TabularService/PredictStream"


async def test_a_stream_whose_first_message_never_comes_is_ended_and_another_is_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Answer:
        def SerializeToString(self) -> bytes:
            return b"answer"

    async def serve(_first: bytes, others: AsyncIterator[bytes], _exchange: Exchange) -> AsyncIterator[Any]:
        await asyncio.sleep(0.5)  # longer than the first message may take: what follows has no such limit
        async for _ in others:
            yield Answer()

    monkeypatch.setattr(edge_stream, "FIRST_MESSAGE_S", 0.2)
    handler = edge_stream.handler(Edge("replica", 1000, Metrics("tabular")), METHOD, bytes, serve)
    made, port = server.bind("127.0.0.1", 0, 1 << 20)
    made.add_generic_rpc_handlers((server.MethodTable({f"/{METHOD}": handler}),))
    await made.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            silent = channel.stream_stream(f"/{METHOD}")(timeout=20)
            assert await silent.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            assert "sent no message for 0.2 seconds" in await silent.details()
            spoken = channel.stream_stream(f"/{METHOD}")(iter([b"config", b"reading"]), timeout=20)
            assert [answer async for answer in spoken] == [b"answer"]
    finally:
        await made.stop(None)
