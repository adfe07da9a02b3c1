# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Requests that all differ, each asked once, so many at a time, and each answer compared with its own."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import grpc

from bench.procs import ServerFailed

TIMEOUT_S = 120.0
START_TIMEOUT_S = 30.0
_AGAIN_S = 0.05
_OPTIONS = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_retries", 0),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
)


@dataclass(slots=True)
class Outcome:
    """What became of the requests."""

    seconds: float = 0.0
    right: int = 0
    """Answered with status OK and the right payload."""
    wrong: Counter[str] = field(default_factory=Counter)
    """All others, by status or by what was wrong."""


async def connect(stack: AsyncExitStack, address: str, connections: int) -> list[Any]:
    """Opens connections that share nothing, for messages of any size; ``stack`` closes them."""
    return [
        await stack.enter_async_context(grpc.aio.insecure_channel(address, options=_OPTIONS))
        for _ in range(connections)
    ]


async def until_answered(channel: Any, path: str, request: bytes, metadata: tuple[tuple[str, str], ...]) -> None:
    """Asks until an answer comes: a gateway that has just started may not know the model yet.

    Raises:
        ServerFailed: none came.
    """
    give_up = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            await channel.unary_unary(path)(request, timeout=START_TIMEOUT_S, metadata=metadata, wait_for_ready=True)
        except grpc.aio.AioRpcError as error:
            if time.monotonic() > give_up:
                raise ServerFailed(f"{path} is not answered: {error.code().name}, {error.details()}") from error
            await asyncio.sleep(_AGAIN_S)
        else:
            return


async def ask(
    channels: Sequence[Any],
    path: str,
    requests: Sequence[bytes],
    check: Callable[[int, bytes], None],
    in_flight: int,
    metadata: tuple[tuple[str, str], ...],
) -> Outcome:
    """Asks all requests, ``in_flight`` at a time.

    Args:
        channels: Connections, used in turn.
        path: Method.
        requests: Serialized messages.
        check: Raises where the answer to the request with this number is wrong.
        in_flight: Calls at a time.
        metadata: Of each call.
    """
    outcome = Outcome()
    left = iter(range(len(requests)))
    methods = [channel.unary_unary(path) for channel in channels]

    async def caller(place: int) -> None:
        method = methods[place % len(methods)]
        for number in left:
            try:
                check(number, await method(requests[number], timeout=TIMEOUT_S, metadata=metadata))
                outcome.right += 1
            except grpc.aio.AioRpcError as error:
                outcome.wrong[error.code().name] += 1
            except Exception as error:  # whatever is wrong with a reply is a wrong reply
                outcome.wrong[f"OK, but {error}"] += 1

    started = time.monotonic()
    await asyncio.gather(*(caller(place) for place in range(in_flight)))
    outcome.seconds = time.monotonic() - started
    return outcome
