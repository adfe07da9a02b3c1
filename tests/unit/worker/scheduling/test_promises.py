# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the scheduler promises under overload, in virtual time: the device's work, without the machine's."""

import asyncio
import random

import pytest
from argosy_worker.scheduling.batcher import Batcher, BatcherOptions

from bench.scheduler_alone import beside, overloaded
from bench.simulated import Device
from bench.virtual import Caller, TimedEngine, VirtualLoop, batcher_on, virtual_time

MAIN, SHORT, LONG = Device(10, 0.5, 32), Device(3, 0.1, 16), Device(40, 2, 8)


@pytest.mark.parametrize("way_s", [0.0, 0.002], ids=["at once", "on the way for 2 ms"])
@pytest.mark.parametrize(
    ("device", "overload", "deadline_s", "least"),
    [
        (MAIN, 2, 0.060, 0.80),
        (MAIN, 2, 0.080, 0.90),
        (MAIN, 2, 0.100, 0.95),
        (MAIN, 1, 0.100, 0.92),
        (SHORT, 2, 3 * SHORT.full_batch_s, 0.80),
        (LONG, 2, 3 * LONG.full_batch_s, 0.80),
    ],
)
def test_most_of_what_the_device_can_do_is_done_in_time_whatever_is_asked(
    device: Device, overload: float, deadline_s: float, least: float, way_s: float
) -> None:
    found = overloaded(device, overload, deadline_s, 4, way_s)
    assert found.goodput >= least
    assert found.late_share <= 0.01
    assert found.wasted_share <= 0.01


@pytest.mark.parametrize("device", [Device(10, 0.5, 64), Device(5, 0.25, 64)], ids=str)
def test_a_light_tenant_waits_for_two_full_batches_at_most_beside_a_backlogged_one(device: Device) -> None:
    assert beside(device, backlog=256, rate=20, seconds=4) <= 2 * device.full_batch_s + 0.010


def come_back_after(part: float, seed: int, device: Device) -> bool | None:
    """Overload ends; one who was refused in its last second comes back once ``part`` of the delay that it was told has
    passed. Returns whether it was then answered in time, or None where the overload was not over by then.
    """

    async def run(loop: VirtualLoop) -> bool | None:
        batcher, chance = batcher_on(loop, device), random.Random(seed)
        await asyncio.gather(*await Caller(batcher, 60).load(device.limit / 2, 1, chance))
        caller = Caller(batcher, 3 * device.full_batch_s)
        calls = await caller.load(device.limit * 2, 0.6 + chance.random() / 4, chance)
        drop = loop.time()
        chosen = [(at, delay) for at, delay in caller.refused if at >= drop - 1 and at + delay >= drop]
        answered = None
        if chosen:
            at, delay = chance.choice(chosen)
            calm = loop.create_task(caller.load(device.limit / 2, 0.2, chance))
            if at + part * delay >= drop:
                await asyncio.sleep(at + part * delay - loop.time())
                answered = await caller.once()
            calls += await calm
        await asyncio.gather(*calls)
        await batcher.close()
        return answered

    with virtual_time() as loop:
        return loop.run_until_complete(run(loop))


@pytest.mark.parametrize(("device", "seeds"), [(MAIN, 12), (LONG, 24)])
def test_who_waits_as_long_as_it_was_told_is_served_when_the_overload_is_over_and_half_of_that_is_too_soon(
    device: Device, seeds: int
) -> None:
    told = [come_back_after(1.0, seed, device) for seed in range(seeds)]
    tried = [answered for answered in told if answered is not None]
    assert len(tried) >= 5
    assert sum(tried) >= 0.9 * len(tried)
    too_soon = [come_back_after(0.5, seed, device) for seed in range(seeds)]
    assert sum(answered is True for answered in too_soon) <= 0.1 * len(tried)


def test_urgent_calls_are_admitted_in_any_order_before_a_backlog_of_patient_ones() -> None:
    async def run(loop: VirtualLoop) -> list[bool]:
        batcher, chance = batcher_on(loop, MAIN), random.Random(1)
        await asyncio.gather(*await Caller(batcher, 60).load(MAIN.limit / 2, 1, chance))
        patient = [loop.create_task(Caller(batcher, 60).once()) for _ in range(1000)]
        await asyncio.sleep(0)
        # Each is due a little sooner than the one before it, as jitter on the way makes them.
        urgent = [loop.create_task(Caller(batcher, 0.2 - number / 1e4).once()) for number in range(10)]
        answered = await asyncio.gather(*urgent)
        await asyncio.gather(*patient)
        await batcher.close()
        return answered

    with virtual_time() as loop:
        assert loop.run_until_complete(run(loop)) == [True] * 10


async def lone_calls(batcher: Batcher, count: int) -> list[bool]:
    """One call after the other, each with 100 ms; whether each was answered in time."""
    answered = []
    for _ in range(count):
        await asyncio.sleep(0.05)
        answered.append(await Caller(batcher, 0.1).once())
    await batcher.close()
    return answered


def test_when_the_machine_is_fast_again_lone_callers_are_admitted_within_seconds() -> None:
    async def run(loop: VirtualLoop) -> list[bool]:
        batcher, chance = batcher_on(loop, MAIN), random.Random(1)
        await asyncio.gather(*await Caller(batcher, 60).load(MAIN.limit / 2, 1, chance))
        slow = loop.create_task(Caller(batcher, 60).load(MAIN.limit / 64, 120, chance))
        while not slow.done():
            await asyncio.sleep(0.01)
            loop.stall(0.6)
        await asyncio.gather(*slow.result())
        return await lone_calls(batcher, 300)

    with virtual_time() as loop:
        answered = loop.run_until_complete(run(loop))
    assert not all(answered[:20]), "the slow time left no trace: nothing is tested"
    assert all(answered[-200:])


def test_when_a_device_has_become_fast_callers_who_were_refused_are_admitted_before_long() -> None:
    async def run(loop: VirtualLoop) -> list[bool]:
        engine = TimedEngine(loop, 0.5, 0.0)
        batcher = Batcher([engine], BatcherOptions(max_batch_size=4, max_queue=100))
        for _ in range(20):
            await Caller(batcher, 60).once()
        engine.fixed_s = 0.01
        return await lone_calls(batcher, 1000)

    with virtual_time() as loop:
        answered = loop.run_until_complete(run(loop))
    assert answered[1:20].count(True) == 0, "the slow time left no trace: nothing is tested"
    assert all(answered[-200:])
