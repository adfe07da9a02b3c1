# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The edge of methods whose requests and responses are streams: what :class:`Edge` does for each unary call."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import grpc

from argosy_worker.errors import DeadlineExpired, InvalidInput
from argosy_worker.serving.edge import Codes, Edge, Exchange, parsed
from argosy_worker.serving.status import TYPED_CODES

#: Longest time until a stream's first message, in seconds: before that nobody knows what is wanted.
FIRST_MESSAGE_S = 60.0

#: Serves a stream: takes the first request, the others as they come, and the exchange; yields response messages.
Serve = Callable[[Any, AsyncIterator[Any], Exchange], AsyncIterator[Any]]


def handler(edge: Edge, method: str, parse: Callable[[bytes], Any], serve: Serve, codes: Codes = TYPED_CODES) -> Any:
    """Returns the handler of one streaming method; ``method`` is its full name without the leading slash.

    A stream counts as one call, from its first message to its status.
    """

    async def handle(raws: AsyncIterator[bytes], rpc: grpc.aio.ServicerContext) -> AsyncIterator[bytes]:
        started = time.monotonic()
        remaining = rpc.time_remaining()
        exchange = edge.exchange(method, rpc.invocation_metadata() or (), remaining, started)
        code = "CANCELLED"  # what stays when the caller leaves in the middle
        try:
            try:
                if remaining is not None and remaining <= 0:
                    raise DeadlineExpired("the deadline had passed when the call arrived")
                requests = _requests(edge, parse, raws)
                first = await _first(requests)
                async with aclosing(serve(first, requests, exchange)) as answers:  # type: ignore[type-var]
                    async for answer in answers:
                        yield answer.SerializeToString()
                rpc.set_trailing_metadata(edge.trailers(exchange))
                code = "OK"
                return
            except Exception as failure:
                status, message, trailers = edge.refusal(method, exchange, failure, codes)
            code = status.name
            await rpc.abort(status, message, trailers)
        finally:
            exchange.leave()
            edge.account(method, exchange, code, started)
            del rpc  # what abort raises is kept by the call's state, to which this would lead back

    return grpc.stream_stream_rpc_method_handler(handle)


async def _first(requests: AsyncIterator[Any]) -> Any:
    try:
        async with asyncio.timeout(FIRST_MESSAGE_S):
            first = await anext(requests, None)
    except TimeoutError:
        raise DeadlineExpired(
            f"the stream sent no message for {FIRST_MESSAGE_S:g} seconds; begin with one that holds config",
            reason="STREAM_IDLE",
        ) from None
    if first is None:
        raise InvalidInput("the stream ended before its first message", reason="STREAM_EMPTY")
    return first


async def _requests(edge: Edge, parse: Callable[[bytes], Any], raws: AsyncIterator[bytes]) -> AsyncIterator[Any]:
    async for raw in raws:
        if len(raw) > edge.max_message_bytes:
            edge.refuse_unread(raw)
        yield parsed(parse, raw)
