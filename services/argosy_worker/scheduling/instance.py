# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One engine instance with the runs that were handed to it: the one in progress and at most one prepared behind it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from argosy_worker import cpus
from argosy_worker.engines.port import Engine, Tensors
from argosy_worker.errors import ArgosyError, DeadlineExpired, EngineFault
from argosy_worker.scheduling import batch
from argosy_worker.scheduling.device import Device, Turn
from argosy_worker.scheduling.padding import Sequences
from argosy_worker.scheduling.work import Work

#: A run in progress and one prepared, so that the engine goes on without waiting for the event loop.
DEPTH = 2


@dataclass(slots=True, eq=False)
class Run:
    """A batch that was handed to an instance. Monotonic times, in seconds."""

    works: list[Work]
    items: int
    length: int
    """Padded length of the sequences in it; 1 where it has none."""
    promised: float
    """End that was predicted when its works were claimed."""
    predicted_s: float
    turn: Turn
    started: float = 0.0
    ended: float = 0.0
    answers: "Sequence[Tensors | ArgosyError]" = ()

    @property
    def elapsed_s(self) -> float:
        """How long it ran."""
        return self.ended - self.started


class Instance:
    """Runs batches one after the other, in the order given."""

    def __init__(self, engine: Engine, sequences: Sequences | None, device: Device) -> None:
        self.engine = engine
        self._sequences = sequences
        self._device = device
        # An engine that computes in the thread that runs it has one: a prepared run goes on where the last one ended,
        # on the same processor with its caches, and waits for no other thread to wake up.
        # Threads that wait for a device take no time themselves, and their callers wait for what they have to say.
        if engine.queues_runs:
            self._executor = ThreadPoolExecutor(DEPTH, "engine", initializer=cpus.go_first)
        else:
            self._executor = ThreadPoolExecutor(1, "engine")
        self._runs: deque[Run] = deque()

    @property
    def depth(self) -> int:
        """Runs handed over and not ended."""
        return len(self._runs)

    @property
    def predicted_s(self) -> float:
        """How long the run in progress is predicted to take."""
        return self._runs[0].predicted_s if self._runs else 0.0

    def free_at(self, now: float) -> float:
        """When everything handed over is expected to have ended."""
        end = now
        for place, run in enumerate(self._runs):
            end = end + run.predicted_s if place else max((run.started or now) + run.predicted_s, now)
        return end

    def start(self, run: Run, ended: Callable[["Instance", Run], None]) -> None:
        """Hands a run over; ``ended`` is called on the event loop when it has ended."""
        now = time.monotonic()
        run.started = 0.0 if self._runs else now
        self._runs.append(run)
        future = asyncio.get_running_loop().run_in_executor(self._executor, self._execute, run)
        future.add_done_callback(lambda done: self._ended(run, done, ended))

    def close(self) -> None:
        """Frees the engine; nothing may be running."""
        self._executor.shutdown()
        self.engine.close()

    def _execute(self, run: Run) -> None:
        """Runs in a thread. Engines that queue runs on their device are given the next before the last has ended."""
        handed = time.monotonic()
        if self.engine.queues_runs:
            self._run(run, handed)
        else:
            with self._device.gate:
                handed = time.monotonic()
                self._run(run, handed)
        run.ended = time.monotonic()
        run.started = handed

    def _run(self, run: Run, now: float) -> None:
        """Runs what is still wanted: callers may have left, and deadlines passed, since the batch was claimed."""
        wanted = [work for work in run.works if work.live and work.due > now]
        answers = iter(batch.run(self.engine, wanted, self._sequences) if wanted else ())
        run.items = sum(work.items for work in wanted)
        kept = set(map(id, wanted))
        run.answers = [next(answers) if id(work) in kept else _too_late() for work in run.works]

    def _ended(self, run: Run, done: "asyncio.Future[None]", ended: Callable[["Instance", Run], None]) -> None:
        self._runs.remove(run)
        error = done.exception()
        if error is not None:  # a defect in the engine's adapter: its callers must still hear of it
            fault = EngineFault(f"{type(error).__name__}: {error}")
            run.answers, run.ended = [fault] * len(run.works), time.monotonic()
            run.started = run.started or run.ended
        elif self.engine.queues_runs:
            run.started = max(run.started, run.turn.starts)  # when the device had done what was ahead of it
        if self._runs:
            self._runs[0].started = run.ended
        ended(self, run)


def _too_late() -> DeadlineExpired:
    return DeadlineExpired("the deadline passed while the call waited for a free engine")
