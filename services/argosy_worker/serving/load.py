# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a worker has to do at this moment, as a message of ``argosy.fleet.v1``."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from typing import TypeVar

from argosy.fleet.v1 import load_pb2
from google.protobuf.duration_pb2 import Duration

from argosy_worker.lifecycle.served import ServedModel

T = TypeVar("T")


def report(models: Iterable[ServedModel], processors: int) -> load_pb2.WorkerLoad:
    """Describes the load of all loaded versions, and of this process, which may use so many processors."""
    return load_pb2.WorkerLoad(
        models=[_model(model) for model in models],
        processor_time=_duration(time.process_time()),
        processor_count=processors,
    )


def _model(model: ServedModel) -> load_pb2.ModelLoad:
    batcher = model.batcher
    stats = batcher.stats
    # More instances than the device has room for run no more than the device can.
    running = min(batcher.instances, batcher.device_runs)
    capacity = batcher.capacity * running / max(batcher.instances, 1)
    return load_pb2.ModelLoad(
        model=model.name,
        version=model.version,
        offered_item_count=stats.offered,
        answered_count=stats.timed,
        tight_count=stats.tight,
        missed_count=stats.missed,
        capacity_items_per_second=capacity,
        device_share=running / batcher.device_runs,
        backlog=_duration(batcher.waiting / capacity if capacity else 0.0),
        oldest_wait=_duration(batcher.oldest_s),
    )


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(int(seconds * 1e9))
    return duration


async def with_ticks(source: AsyncGenerator[T, None], interval_s: float) -> AsyncIterator[T | None]:
    """Yields what a generator yields, and None whenever an interval, in seconds, is over; 0 for no ticks."""
    ahead: asyncio.Future[T] | None = None
    loop = asyncio.get_running_loop()
    tick_at = loop.time() + interval_s
    try:
        while True:
            if ahead is None:
                ahead = asyncio.ensure_future(anext(source))
            left_s = max(tick_at - loop.time(), 0.0) if interval_s else None
            done, _ = await asyncio.wait({ahead}, timeout=left_s)
            if not done:
                tick_at = loop.time() + interval_s
                yield None
                continue
            try:
                value = ahead.result()
            except StopAsyncIteration:
                return
            ahead = None
            yield value
    finally:
        if ahead is not None:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
        await source.aclose()
