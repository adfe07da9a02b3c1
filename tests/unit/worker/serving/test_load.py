# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a worker reports of its load, from works that ran, waited and were refused."""

import asyncio
from collections.abc import AsyncGenerator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from argosy_worker.errors import DeadlineExpired, Overloaded
from argosy_worker.scheduling.batcher import Batcher, BatcherOptions
from argosy_worker.scheduling.device import Device
from argosy_worker.scheduling.work import SHADOW_PRIORITY, Terms
from argosy_worker.serving import load

from bench.virtual import TimedEngine, VirtualLoop, virtual_time

ITEM = {"x": np.zeros((1, 1), np.float32)}


def reported(batcher: Batcher) -> Any:
    """The report of a worker with one model."""
    model: Any = SimpleNamespace(name="m", version=3, batcher=batcher)
    report = load.report([model], 3)
    assert report.processor_count == 3
    assert report.processor_time.ToNanoseconds() > 0
    (found,) = report.models
    assert (found.model, found.version) == ("m", 3)
    return found


def run(instances: int, slots: int, steps: Any) -> Any:
    """Runs steps with a batcher whose instances take 100 ms for each item, one item a run."""

    async def all_of_it(loop: VirtualLoop) -> Any:
        engines = [TimedEngine(loop, 0.0, 0.1) for _ in range(instances)]
        batcher = Batcher(engines, BatcherOptions(1, 20, inline_below_s=0.0), Device(slots))
        await batcher.submit(ITEM, 1, Terms())
        try:
            return await steps(batcher, loop)
        finally:
            await batcher.close()

    with virtual_time() as loop:
        return loop.run_until_complete(all_of_it(loop))


def test_capacity_is_what_the_device_lets_all_instances_run() -> None:
    async def nothing(batcher: Batcher, _: VirtualLoop) -> Any:
        return reported(batcher)

    alone, many, few = run(1, 1, nothing), run(4, 2, nothing), run(1, 4, nothing)
    assert (alone.capacity_items_per_second, alone.device_share) == (pytest.approx(10), 1)
    assert (many.capacity_items_per_second, many.device_share) == (pytest.approx(20), 1)
    assert (few.capacity_items_per_second, few.device_share) == (pytest.approx(10), 0.25)


def test_offered_counts_what_ran_waits_and_was_refused_and_no_copies() -> None:
    async def steps(batcher: Batcher, loop: VirtualLoop) -> Any:
        now = loop.time()
        works = [asyncio.ensure_future(batcher.submit(ITEM, 1, Terms(now + 10))) for _ in range(3)]
        copy = asyncio.ensure_future(batcher.submit(ITEM, 1, Terms(priority=SHADOW_PRIORITY)))
        await asyncio.sleep(0.01)
        with pytest.raises(Overloaded):
            await batcher.submit(ITEM, 1, Terms(loop.time() + 0.15))
        found = reported(batcher)
        await asyncio.gather(*works, copy)
        with pytest.raises(DeadlineExpired):
            await batcher.submit(ITEM, 1, Terms(loop.time() - 1))
        return found, reported(batcher)

    during, after = run(1, 1, steps)
    assert (during.offered_item_count, during.missed_count, during.answered_count) == (5, 1, 0)
    assert during.backlog.ToNanoseconds() / 1e9 == pytest.approx(0.2, abs=0.11)
    assert during.oldest_wait.ToNanoseconds() > 0
    assert (after.offered_item_count, after.answered_count, after.tight_count) == (5, 3, 0)
    assert after.missed_count == 2, "one came when its deadline had passed"
    assert after.backlog.ToNanoseconds() == after.oldest_wait.ToNanoseconds() == 0


def test_an_answer_whose_deadline_was_near_is_told_apart() -> None:
    async def steps(batcher: Batcher, loop: VirtualLoop) -> Any:
        await batcher.submit(ITEM, 1, Terms(loop.time() + 0.15))
        await batcher.submit(ITEM, 1, Terms(loop.time() + 0.5))
        await batcher.submit(ITEM, 1, Terms())
        return reported(batcher)

    found = run(1, 1, steps)
    assert (found.answered_count, found.tight_count) == (2, 1)


async def test_ticks_come_between_what_a_source_yields_and_end_with_it() -> None:
    closed = asyncio.Event()

    async def source() -> AsyncGenerator[int, None]:
        try:
            yield 1
            await asyncio.sleep(0.1)
            yield 2
        finally:
            closed.set()

    seen = [each async for each in load.with_ticks(source(), 0.03)]
    assert seen[0] == 1 and seen[-1] == 2
    assert 1 <= seen.count(None) <= 4
    assert closed.is_set()
    assert [each async for each in load.with_ticks(source(), 0.0)] == [1, 2]


async def test_who_leaves_between_ticks_leaves_nothing_behind() -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncGenerator[int, None]:
        try:
            yield 1
            await asyncio.sleep(1000)
        finally:
            closed.set()

    ticks = load.with_ticks(endless(), 0.01)
    assert [await anext(ticks), await anext(ticks)] == [1, None]
    await ticks.aclose()  # type: ignore[attr-defined]
    assert closed.is_set()
