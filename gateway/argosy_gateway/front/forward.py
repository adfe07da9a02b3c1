# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Sends calls back through Envoy with ``x-model`` set.

Deadline, metadata, messages, trailers and status pass unchanged.
"""

from collections.abc import AsyncIterator, Iterable

import grpc
from argosy.status import DETAILS_KEY
from grpc.aio import ServicerContext

from argosy_gateway.services import Method

#: Marks a call that was sent back, so that a wrong address ends in an error and not in a circle.
FORWARDED = "argosy-forwarded"
#: Metadata of one hop, which the next one makes anew.
_HOP = frozenset({"content-type", "te", "user-agent", "host", "connection", "date", "server", "x-model"})
_HOP_PREFIXES = ("grpc-", "x-envoy-", "x-forwarded-", ":")

_Metadata = tuple[tuple[str, str | bytes], ...]


async def forward(
    gateway: grpc.aio.Channel,
    method: Method,
    model: str,
    first: bytes,
    rest: AsyncIterator[bytes],
    context: ServicerContext,
) -> AsyncIterator[bytes]:
    """Relays one call.

    Args:
        gateway: Channel to Envoy, with message limits at least those of the front.
        method: What is called.
        model: The model to name.
        first: The message that was read to find it.
        rest: The messages after it; none in a unary call.
        context: The caller's side.
    """
    metadata = (*passed_on(context.invocation_metadata() or ()), ("x-model", model), (FORWARDED, "1"))
    timeout = context.time_remaining()
    if method.client_streaming:
        messages = _with_first(first, rest)
        call = gateway.stream_stream(method.path)(messages, timeout=timeout, metadata=metadata)
    else:
        # A lone message goes out together with the end of the stream: gRPC's asyncio client may lose the status of a
        # stream that the server ends before everything is written.
        call = gateway.unary_stream(method.path)(first, timeout=timeout, metadata=metadata)
    try:
        await context.send_initial_metadata(passed_on(await call.initial_metadata()))
        async for response in call:
            yield response
    except grpc.aio.AioRpcError:
        pass  # the status is relayed below
    finally:
        call.cancel()
    context.set_trailing_metadata(passed_on(await call.trailing_metadata()))
    context.set_code(await call.code())
    context.set_details(await call.details() or "")


def passed_on(metadata: Iterable[tuple[str, str | bytes]]) -> _Metadata:
    """Metadata that goes on to the next hop."""
    return tuple(
        (key, value)
        for key, value in metadata
        if key == DETAILS_KEY or (key not in _HOP and not key.startswith(_HOP_PREFIXES))
    )


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for message in rest:
        yield message
