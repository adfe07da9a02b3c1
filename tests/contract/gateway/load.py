# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls in flight while something happens, with every status counted."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence

import grpc

from tests.contract.gateway.calls import VISION, Metadata, classify


class Load:
    """Outcomes of calls so far."""

    def __init__(self) -> None:
        self.codes: Counter[str] = Counter()
        self.replicas: Counter[str] = Counter()
        self.failures: list[str] = []

    @property
    def total(self) -> int:
        """Calls that have ended."""
        return sum(self.codes.values())

    async def more(self, count: int) -> None:
        """Waits until so many further calls have ended."""
        wanted = self.total + count
        async with asyncio.timeout(30):
            while self.total < wanted:
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def in_flight(
    address: str,
    model: str,
    concurrency: int = 16,
    metadata: Metadata = (),
    deadline: float = 10.0,
    options: Sequence[tuple[str, int]] = (),
) -> AsyncIterator[Load]:
    """Keeps ``concurrency`` calls of a model in flight throughout the block; all have ended after it."""
    load, stop = Load(), asyncio.Event()
    async with grpc.aio.insecure_channel(address, options=[("grpc.use_local_subchannel_pool", 1), *options]) as channel:
        callers = [
            asyncio.create_task(_keep_calling(channel, model, metadata, deadline, load, stop))
            for _ in range(concurrency)
        ]
        try:
            yield load
        finally:
            stop.set()
            await asyncio.gather(*callers)


async def _keep_calling(
    channel: grpc.aio.Channel, model: str, metadata: Metadata, deadline: float, load: Load, stop: asyncio.Event
) -> None:
    method = channel.unary_unary(f"{VISION}/Classify")
    request = classify(model).SerializeToString()
    while not stop.is_set():
        call = method(request, metadata=(("x-model", model), *metadata), timeout=deadline)
        code = await call.code()
        load.codes[code.name] += 1
        trailers = dict(await call.trailing_metadata() or ())
        load.replicas[str(trailers.get("argosy-replica", ""))] += 1
        if code != grpc.StatusCode.OK:
            load.failures.append(f"{code.name}: {await call.details()}")
