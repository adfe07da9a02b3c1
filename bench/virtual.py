# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The worker's batcher in a time of its own: seconds of load in a moment, the same on every machine however busy it is.

The event loop jumps from timer to timer, and runs take what the device says, not what the machine does.
"""

import asyncio
import random
import selectors
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import numpy as np
from argosy_worker.engines.port import Tensors, TensorSpec
from argosy_worker.errors import ArgosyError
from argosy_worker.errors import Overloaded as Refused
from argosy_worker.scheduling.batcher import Batcher, BatcherOptions
from argosy_worker.scheduling.work import Terms

from bench.simulated import Device


class _Jump(selectors.DefaultSelector):
    """Instead of waiting, moves the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.ahead = 0.0
        """How far a run in progress is ahead of the clock."""

    def select(self, timeout: float | None = None) -> Any:
        assert timeout is not None, "nothing would ever happen again"
        self.now += max(timeout, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while nothing is to be done."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now + self._jump.ahead

    def spend(self, until: float) -> None:
        """Lets a run in progress last until then."""
        self._jump.ahead = until - self._jump.now

    def stall(self, seconds: float) -> None:
        """Lets time pass in which nothing happens, as where the machine has other things to do."""
        self._jump.now += seconds

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:  # type: ignore[override]
        """Runs at once; the result comes when the run would have ended."""
        future = self.create_future()
        result = func(*args)
        took, self._jump.ahead = self._jump.ahead, 0.0
        self.call_later(took, future.set_result, result)
        return future


@contextmanager
def virtual_time() -> Iterator[VirtualLoop]:
    """Gives everything that asks for the time the loop's."""
    loop = VirtualLoop()
    with mock.patch.object(time, "monotonic", loop.time):
        yield loop
    loop.close()


@dataclass
class Timeline:
    """When a device is free again."""

    free_at: float = 0.0


class TimedEngine:
    """Takes ``fixed_s + item_s * n`` for n items, one run after the other, and answers with what it was given."""

    inputs: tuple[TensorSpec, ...] = (TensorSpec("x", "FP32", (-1, 1)),)
    outputs = inputs
    device = "virtual"
    queues_runs = True
    memory_bytes: int | None = None

    def __init__(self, loop: VirtualLoop, fixed_s: float, item_s: float, timeline: Timeline | None = None) -> None:
        self._loop, self.fixed_s, self._item_s = loop, fixed_s, item_s
        self._timeline = timeline or Timeline()

    def run(self, inputs: Tensors) -> Tensors:
        start = max(self._loop.time(), self._timeline.free_at)
        self._timeline.free_at = start + self.fixed_s + self._item_s * len(inputs["x"])
        self._loop.spend(self._timeline.free_at)
        return {"x": inputs["x"]}

    def close(self) -> None:
        pass


@dataclass
class Caller:
    """Calls at random times, and what became of them."""

    batcher: Batcher
    deadline_s: float
    way: Callable[[], float] = lambda: 0.0
    """How long a call was on its way, in seconds: its deadline is that much nearer."""
    in_time: int = 0
    late: int = 0
    refused: list[tuple[float, float]] = field(default_factory=list)
    """When a call was refused, and after how many seconds it was to come back."""

    async def once(self) -> bool:
        """Makes one call; whether it was answered in time."""
        arrived = asyncio.get_running_loop().time()
        terms = Terms(arrived + self.deadline_s - self.way())
        try:
            self.batcher.turn_away(terms)
            await self.batcher.submit(one_item(), 1, terms)
        except Refused as refusal:
            self.refused.append((arrived, refusal.retry_after_s))
            return False
        except ArgosyError:
            self.late += 1
            return False
        in_time = asyncio.get_running_loop().time() <= (terms.deadline or 0.0)
        self.in_time += in_time
        self.late += not in_time
        return in_time

    async def load(self, rate: float, seconds: float, chance: random.Random) -> list["asyncio.Task[bool]"]:
        """Calls ``rate`` times a second on average, at random times."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        calls = []
        due = loop.time() + chance.expovariate(rate)
        while due < end:
            await asyncio.sleep(due - loop.time())
            calls.append(loop.create_task(self.once()))
            due += chance.expovariate(rate)
        await asyncio.sleep(end - loop.time())
        return calls


def batcher_on(loop: VirtualLoop, device: Device) -> Batcher:
    """Makes a batcher on a device; to be called while the loop runs."""
    engine = TimedEngine(loop, device.fixed_ms / 1e3, device.item_ms / 1e3)
    return Batcher([engine], BatcherOptions(device.batch, 100_000))


def one_item() -> dict[str, np.ndarray]:
    """Inputs of one item."""
    return {"x": np.zeros((1, 1), np.float32)}
