# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the scheduler does with a load where nothing but the device takes time."""

import asyncio
import random
from dataclasses import dataclass

import numpy as np
from argosy_worker.scheduling.work import Terms

from bench.simulated import Device
from bench.virtual import Caller, VirtualLoop, batcher_on, one_item, virtual_time


@dataclass(frozen=True, slots=True)
class Overloaded:
    """What became of a load. Shares: of the device's limit, of the admitted calls, of the engine's time."""

    goodput: float
    late_share: float
    wasted_share: float


def overloaded(device: Device, overload: float, deadline_s: float, seconds: float, way_s: float = 0.0) -> Overloaded:
    """Measures the scheduler alone under random arrivals, after a warm-up at half the device's limit.

    Args:
        device: What runs the batches.
        overload: Offered load, in multiples of the device's limit.
        deadline_s: Of every call, in seconds.
        seconds: How long calls arrive.
        way_s: How long a call is on its way on average, in seconds: some overtake others.
    """

    async def run(loop: VirtualLoop) -> Overloaded:
        batcher, chance = batcher_on(loop, device), random.Random(1)
        await asyncio.gather(*await Caller(batcher, 60).load(device.limit / 2, 2, chance))
        caller, stats = (
            Caller(batcher, deadline_s, lambda: chance.expovariate(1 / way_s) if way_s else 0.0),
            batcher.stats,
        )
        wasted_s, engine_s = stats.wasted_s, stats.engine_s
        await asyncio.gather(*await caller.load(device.limit * overload, seconds, chance))
        late = stats.refused["at_claim"] + stats.expired
        admitted = caller.in_time + caller.late + stats.refused["at_claim"]
        await batcher.close()
        return Overloaded(
            caller.in_time / seconds / device.limit,
            late / admitted,
            (stats.wasted_s - wasted_s) / (stats.engine_s - engine_s),
        )

    with virtual_time() as loop:
        return loop.run_until_complete(run(loop))


def beside(device: Device, backlog: int, rate: float, seconds: float) -> float:
    """What 99 of 100 calls of a light tenant take beside a backlogged one, in seconds.

    Args:
        device: What runs the batches.
        backlog: Calls that the backlogged tenant has in flight at any time.
        rate: Calls of the light tenant in a second, at random times.
        seconds: How long.
    """

    async def run(loop: VirtualLoop) -> float:
        batcher, chance = batcher_on(loop, device), random.Random(1)
        end = loop.time() + seconds

        async def heavy() -> None:
            while loop.time() < end:
                await batcher.submit(one_item(), 1, Terms(end + 60, "heavy"))

        async def light() -> float:
            began = loop.time()
            await batcher.submit(one_item(), 1, Terms(began + 60, "light"))
            return loop.time() - began

        heavies = [loop.create_task(heavy()) for _ in range(backlog)]
        lights = []
        while loop.time() < end:
            await asyncio.sleep(chance.expovariate(rate))
            lights.append(loop.create_task(light()))
        took = await asyncio.gather(*lights)
        await asyncio.gather(*heavies)
        await batcher.close()
        return float(np.quantile(took, 0.99))

    with virtual_time() as loop:
        return loop.run_until_complete(run(loop))
