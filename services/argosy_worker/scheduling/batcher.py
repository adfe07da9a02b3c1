# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The batcher: free engines pull batches from the queue; nobody waits for company that may not come."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from argosy_worker.engines.port import Engine, Tensors
from argosy_worker.errors import DeadlineExpired, EngineFault, NotReady
from argosy_worker.scheduling import batch
from argosy_worker.scheduling.queue import WorkQueue
from argosy_worker.scheduling.work import Result, Work, fail, finish, signature

#: Weight of the newest run in the moving average of run times.
_NEWEST = 0.2


@dataclass(frozen=True, slots=True)
class BatcherOptions:
    """Limits of one model's batcher."""

    max_batch_size: int
    """Most items in a run; 0 runs every work alone, its arrays as they are."""
    max_queue: int
    max_delay_s: float = 0.0
    inline_below_s: float = 0.0005
    """Runs predicted to be shorter than this happen on the event loop: a thread would cost more. In seconds."""


class Batcher:
    """Schedules one model version's work over its engine instances. Lives on one event loop."""

    def __init__(self, engines: Sequence[Engine], options: BatcherOptions) -> None:
        self._options = options
        self._queue = WorkQueue(options.max_queue)
        self._idle = list(engines)
        self._busy = 0
        self._executor = ThreadPoolExecutor(len(engines), thread_name_prefix="engine")
        self._item_s = options.inline_below_s
        self._pump_planned = False
        self._closed = False
        self._all_done = asyncio.Event()
        self._all_done.set()

    @property
    def waiting(self) -> int:
        """Items in the queue."""
        return self._queue.items

    async def submit(self, inputs: Tensors, items: int, deadline: float | None) -> Result:
        """Runs ``items`` items, at most the batch size, and returns their outputs.

        Raises:
            Overloaded: the queue is full.
            DeadlineExpired: the deadline (monotonic, in seconds) passed first.
            NotReady: the model is being unloaded.
            EngineFault: the engine failed on these items.
        """
        now = time.monotonic()
        if self._closed:
            raise NotReady("the model is being unloaded", retry_elsewhere=True)
        if deadline is not None and deadline <= now:
            raise DeadlineExpired("the deadline had passed when the call arrived")
        if self._idle and not self._queue.items and self._item_s * items < self._options.inline_below_s:
            return self._run_inline(inputs, items, now)
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.push(Work(inputs, items, signature(inputs), deadline, now, future), self._retry_after_s())
        if self._idle:
            self._plan_pump()
        return await future

    async def close(self) -> None:
        """Finishes running batches, refuses waiting works, frees the engines."""
        self._closed = True
        for work in self._queue.drain():
            fail(work, NotReady("the model is being unloaded", retry_elsewhere=True))
        await self._all_done.wait()
        self._executor.shutdown()
        for engine in self._idle:
            engine.close()
        self._idle.clear()

    def _run_inline(self, inputs: Tensors, items: int, now: float) -> Result:
        outputs = self._idle[-1].run(inputs)
        elapsed = time.monotonic() - now
        self._learn(elapsed, items)
        return Result(outputs, items, 0.0, elapsed)

    def _plan_pump(self) -> None:
        """Pulls once the loop has heard everybody who is arriving now (or after max_delay)."""
        if self._pump_planned:
            return
        self._pump_planned = True
        loop = asyncio.get_running_loop()
        if self._options.max_delay_s and self._queue.items < self._options.max_batch_size:
            loop.call_later(self._options.max_delay_s, self._pump)
        else:
            loop.call_soon(self._pump)

    def _pump(self) -> None:
        self._pump_planned = False
        while self._idle:
            works = self._queue.take(max(self._options.max_batch_size, 1), time.monotonic())
            if not works:
                return
            self._start(self._idle.pop(), works)

    def _start(self, engine: Engine, works: list[Work]) -> None:
        self._busy += 1
        self._all_done.clear()
        started = time.monotonic()
        running = asyncio.get_running_loop().run_in_executor(self._executor, _timed_run, engine, works)
        running.add_done_callback(lambda done: self._completed(engine, works, started, done))

    def _completed(
        self,
        engine: Engine,
        works: list[Work],
        started: float,
        done: "asyncio.Future[tuple[list[Tensors | EngineFault], float]]",
    ) -> None:
        self._busy -= 1
        self._idle.append(engine)
        error = done.exception()
        items = sum(work.items for work in works)
        if error is not None:  # a defect in the engine's adapter: its callers must still hear of it
            for work in works:
                fail(work, EngineFault(f"{type(error).__name__}: {error}"))
        else:
            answers, elapsed = done.result()
            self._learn(elapsed, items)
            for work, answer in zip(works, answers, strict=True):
                if isinstance(answer, EngineFault):
                    fail(work, answer)
                else:
                    finish(work, Result(answer, items, started - work.enqueued, elapsed))
        if self._busy == 0:
            self._all_done.set()
        if not self._closed:
            self._pump()

    def _learn(self, elapsed: float, items: int) -> None:
        self._item_s += _NEWEST * (elapsed / items - self._item_s)

    def _retry_after_s(self) -> float:
        """When the works that wait now will have run, in seconds."""
        engines = max(len(self._idle) + self._busy, 1)
        return max(self._item_s * self._queue.items / engines, 0.001)


def _timed_run(engine: Engine, works: list[Work]) -> tuple[list[Tensors | EngineFault], float]:
    started = time.monotonic()
    answers = batch.run(engine, works)
    return answers, time.monotonic() - started
