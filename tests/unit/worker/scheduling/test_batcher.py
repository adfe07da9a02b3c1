# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The batcher's promises, with an engine that runs when the test lets it."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest
from argosy_worker.engines.port import Tensors, TensorSpec
from argosy_worker.errors import DeadlineExpired, EngineFault, NotReady, Overloaded
from argosy_worker.scheduling.batcher import Batcher, BatcherOptions
from argosy_worker.scheduling.trace import Trace
from argosy_worker.scheduling.work import Terms


class GatedEngine:
    """Doubles its input; each run waits for the gate and is noted. A negative number is a fault of the run."""

    inputs = outputs = (TensorSpec("x", "FP32", (-1, 1)),)
    device = "test"
    queues_runs = False

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.started = threading.Event()
        self.batches: list[list[float]] = []
        self.threads: set[int] = set()
        self.closed = False

    def run(self, inputs: Tensors) -> Tensors:
        self.started.set()
        assert self.gate.wait(10)
        self.threads.add(threading.get_ident())
        self.batches.append(inputs["x"].ravel().tolist())
        if (inputs["x"] < 0).any():
            raise EngineFault("negative")
        return {"y": inputs["x"] * 2}

    def close(self) -> None:
        self.closed = True


def items(*values: float) -> Tensors:
    return {"x": np.array(values, np.float32).reshape(-1, 1)}


@asynccontextmanager
async def running(
    engine: GatedEngine,
    *,
    max_batch_size: int = 4,
    max_queue: int = 100,
    inline_below_s: float = 0.0,
    max_delay_s: float = 0.0,
    first_guess_s: float = 60.0,
) -> AsyncIterator[Batcher]:
    batcher = Batcher(
        [engine], BatcherOptions(max_batch_size, max_queue, None, max_delay_s, first_guess_s, inline_below_s)
    )
    try:
        yield batcher
    finally:
        engine.gate.set()
        await batcher.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def occupy(batcher: Batcher, engine: GatedEngine) -> "asyncio.Task[object]":
    """Starts a run that lasts until the gate opens."""
    engine.gate.clear()
    engine.started.clear()
    task = asyncio.create_task(batcher.submit(items(100), 1, Terms()))
    await until(engine.started.is_set)
    return task


async def test_a_cancelled_caller_does_not_disturb_its_batch_mates() -> None:
    engine = GatedEngine()
    async with running(engine) as batcher:
        first = await occupy(batcher, engine)
        callers = [asyncio.create_task(batcher.submit(items(value), 1, Terms())) for value in (1, 2, 3)]
        await until(lambda: batcher.waiting == 3)
        callers[1].cancel()
        engine.gate.set()
        await first
        answers = [(await callers[index]).outputs["y"].item() for index in (0, 2)]
        assert answers == [2, 6]
        assert engine.batches[1] == [1, 3], "cancelled work must not reach the engine"


async def test_a_caller_cancelled_while_its_batch_runs_does_not_disturb_its_batch_mates() -> None:
    engine = GatedEngine()
    async with running(engine) as batcher:
        engine.gate.clear()
        callers = [asyncio.create_task(batcher.submit(items(value), 1, Terms())) for value in (1, 2, 3)]
        await until(engine.started.is_set)
        callers[0].cancel()
        engine.gate.set()
        assert [(await caller).outputs["y"].item() for caller in callers[1:]] == [4, 6]


async def test_callers_who_arrive_while_the_engine_is_busy_share_the_next_batch() -> None:
    engine = GatedEngine()
    async with running(engine) as batcher:
        first = await occupy(batcher, engine)
        callers = [asyncio.create_task(batcher.submit(items(value), 1, Terms())) for value in range(4)]
        await until(lambda: batcher.waiting == 4)
        engine.gate.set()
        await first
        results = [await caller for caller in callers]
        assert [result.outputs["y"].item() for result in results] == [0, 2, 4, 6]
        assert {result.batch_size for result in results} == {4}


async def test_a_batch_never_exceeds_the_batch_size() -> None:
    engine = GatedEngine()
    async with running(engine, max_batch_size=4) as batcher:
        first = await occupy(batcher, engine)
        callers = [asyncio.create_task(batcher.submit(items(value, value), 2, Terms())) for value in range(5)]
        await until(lambda: batcher.waiting == 10)
        engine.gate.set()
        await asyncio.gather(first, *callers)
        assert [len(batch) for batch in engine.batches] == [1, 4, 4, 2]


async def test_works_of_different_shapes_run_in_different_batches() -> None:
    engine = GatedEngine()
    async with running(engine) as batcher:
        first = await occupy(batcher, engine)
        wide = {"x": np.ones((1, 2), np.float32)}
        callers = [asyncio.create_task(batcher.submit(work, 1, Terms())) for work in (items(1), wide, items(2))]
        await until(lambda: batcher.waiting == 3)
        engine.gate.set()
        await asyncio.gather(first, *callers)
        assert engine.batches[1:] == [[1, 2], [1, 1]]


async def test_a_fault_is_told_only_to_the_work_that_causes_it() -> None:
    engine = GatedEngine()
    async with running(engine) as batcher:
        first = await occupy(batcher, engine)
        callers = [asyncio.create_task(batcher.submit(items(value), 1, Terms())) for value in (1, -1, 3)]
        await until(lambda: batcher.waiting == 3)
        engine.gate.set()
        await first
        good, bad, also_good = await asyncio.gather(*callers, return_exceptions=True)
        assert isinstance(bad, EngineFault)
        assert good.outputs["y"].item() == 2  # type: ignore[union-attr]
        assert also_good.outputs["y"].item() == 6  # type: ignore[union-attr]


async def test_expired_work_never_reaches_the_engine() -> None:
    engine = GatedEngine()
    async with running(engine, first_guess_s=0.0001) as batcher:
        first = await occupy(batcher, engine)
        deadline = time.monotonic() + 0.01
        late = asyncio.create_task(batcher.submit(items(1), 1, Terms(deadline)))
        await until(lambda: time.monotonic() > deadline)
        engine.gate.set()
        await first
        with pytest.raises(DeadlineExpired):
            await late
        assert engine.batches == [[100]]


async def test_a_deadline_that_has_passed_is_refused_on_arrival() -> None:
    engine = GatedEngine()
    async with running(engine, inline_below_s=10) as batcher:
        with pytest.raises(DeadlineExpired):
            await batcher.submit(items(1), 1, Terms(time.monotonic() - 1))
    assert engine.batches == []


async def test_who_is_as_late_as_one_just_refused_is_turned_away_at_once_until_a_run_ends() -> None:
    engine = GatedEngine()
    async with running(engine) as batcher:
        first = await occupy(batcher, engine)
        deadline = time.monotonic() + 10  # a run is taken to last a minute
        batcher.turn_away(Terms(deadline))
        with pytest.raises(Overloaded):
            await batcher.submit(items(1), 1, Terms(deadline))
        with pytest.raises(Overloaded) as refusal:
            batcher.turn_away(Terms(deadline))
        assert refusal.value.retry_after_s > 50
        batcher.turn_away(Terms(deadline, "another"))
        assert batcher.stats.refused["on_arrival"] == 2
        engine.gate.set()
        await first
        batcher.turn_away(Terms(deadline))


async def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    engine = GatedEngine()
    async with running(engine, max_queue=2) as batcher:
        first = await occupy(batcher, engine)
        waiting = [asyncio.create_task(batcher.submit(items(value), 1, Terms())) for value in (1, 2)]
        await until(lambda: batcher.waiting == 2)
        with pytest.raises(Overloaded) as refusal:
            await batcher.submit(items(3), 1, Terms())
        assert refusal.value.retry_after_s > 0
        engine.gate.set()
        await asyncio.gather(first, *waiting)


async def test_works_whose_callers_have_left_do_not_fill_the_queue() -> None:
    engine = GatedEngine()
    async with running(engine, max_queue=2) as batcher:
        first = await occupy(batcher, engine)
        left = [asyncio.create_task(batcher.submit(items(value), 1, Terms())) for value in (1, 2)]
        await until(lambda: batcher.waiting == 2)
        for caller in left:
            caller.cancel()
        await asyncio.wait(left)
        newcomer = asyncio.create_task(batcher.submit(items(3), 1, Terms()))
        await until(lambda: batcher.waiting == 1)
        engine.gate.set()
        await first
        assert (await newcomer).outputs["y"].item() == 6


async def test_a_run_goes_on_in_the_thread_of_the_one_before_it() -> None:
    engine = GatedEngine()
    async with running(engine, max_batch_size=1) as batcher:
        await asyncio.gather(*(batcher.submit(items(number), 1, Terms()) for number in range(8)))
    assert len(engine.batches) == 8
    assert len(engine.threads) == 1


async def test_short_runs_happen_on_the_event_loop_once_they_are_known_to_be_short() -> None:
    engine = GatedEngine()
    async with running(engine, inline_below_s=5.0) as batcher:
        assert batcher.run_now(items(1), 1, Terms(), time.monotonic()) is None, "nothing is known yet"
        await batcher.submit(items(1), 1, Terms())
        result = batcher.run_now(items(2), 1, Terms(), time.monotonic())
        assert result is not None
        assert (result.outputs["y"].item(), result.batch_size, result.queue_s) == (4, 1, 0)


async def test_what_a_device_runs_never_happens_on_the_event_loop_however_short_it_seemed() -> None:
    engine = GatedEngine()
    engine.queues_runs = True
    async with running(engine, inline_below_s=10, first_guess_s=0.0) as batcher:
        await batcher.submit(items(1), 1, Terms())
        assert batcher.run_now(items(2), 1, Terms(), time.monotonic()) is None


async def test_nothing_runs_on_the_event_loop_beside_another_run_or_after_closing() -> None:
    engine = GatedEngine()
    async with running(engine, inline_below_s=5.0) as batcher:
        await batcher.submit(items(1), 1, Terms())
        first = await occupy(batcher, engine)
        assert batcher.run_now(items(2), 1, Terms(), time.monotonic()) is None
        engine.gate.set()
        await first
        await batcher.close()
        assert batcher.run_now(items(2), 1, Terms(), time.monotonic()) is None


async def test_a_deadline_that_has_passed_is_refused_on_the_event_loop_too() -> None:
    engine = GatedEngine()
    async with running(engine, inline_below_s=5.0) as batcher:
        await batcher.submit(items(1), 1, Terms())
        with pytest.raises(DeadlineExpired):
            batcher.run_now(items(2), 1, Terms(time.monotonic() - 1), time.monotonic())
        assert engine.batches == [[1]]


async def test_max_delay_lets_a_free_engine_wait_for_company() -> None:
    engine = GatedEngine()
    async with running(engine, max_delay_s=0.2) as batcher:
        early = asyncio.create_task(batcher.submit(items(1), 1, Terms()))
        await until(lambda: batcher.waiting == 1)
        await asyncio.sleep(0.01)
        late = asyncio.create_task(batcher.submit(items(2), 1, Terms()))
        assert {(await early).batch_size, (await late).batch_size} == {2}


async def test_closing_finishes_what_runs_and_refuses_what_waits() -> None:
    engine = GatedEngine()
    async with running(engine) as batcher:
        first = await occupy(batcher, engine)
        waiting = asyncio.create_task(batcher.submit(items(1), 1, Terms()))
        await until(lambda: batcher.waiting == 1)
        closing = asyncio.create_task(batcher.close())
        with pytest.raises(NotReady):
            await waiting
        engine.gate.set()
        await closing
        assert (await first).outputs["y"].item() == 200  # type: ignore[attr-defined]
        assert engine.closed
        with pytest.raises(NotReady):
            await batcher.submit(items(1), 1, Terms())


async def test_a_defect_in_the_engines_adapter_ends_its_callers() -> None:
    engine = GatedEngine()

    def broken(inputs: Tensors) -> Tensors:
        raise RuntimeError("adapter")

    engine.run = broken  # type: ignore[method-assign]
    async with running(engine) as batcher:
        with pytest.raises(EngineFault):
            await batcher.submit(items(1), 1, Terms())


async def test_the_age_of_the_oldest_waiting_work_is_known() -> None:
    engine = GatedEngine()
    async with running(engine, max_batch_size=1) as batcher:
        first = await occupy(batcher, engine)
        assert batcher.oldest_s == 0
        before = time.monotonic()
        oldest = asyncio.create_task(batcher.submit(items(1), 1, Terms()))
        await until(lambda: batcher.waiting == 1)
        queued = time.monotonic()
        urgent = asyncio.create_task(batcher.submit(items(2), 1, Terms(priority=1)))
        await until(lambda: batcher.waiting == 2)
        await until(lambda: time.monotonic() > queued + 0.02)
        assert 0.02 <= batcher.oldest_s <= time.monotonic() - before
        oldest.cancel()
        await until(lambda: batcher.waiting == 1)
        assert batcher.oldest_s < time.monotonic() - queued
        engine.gate.set()
        await asyncio.gather(first, urgent)
        assert batcher.oldest_s == 0


async def test_runs_are_noted_with_the_traced_calls_in_them_only() -> None:
    engine = GatedEngine()
    async with running(engine) as batcher:
        first = await occupy(batcher, engine)
        traces = [Trace("one"), Trace("two")]
        terms = [Terms(trace=traces[0]), Terms(), Terms(trace=traces[1])]
        callers = [asyncio.create_task(batcher.submit(items(1), 1, each)) for each in terms]
        await until(lambda: batcher.waiting == 3)
        engine.gate.set()
        await asyncio.gather(first, *callers)
    ((enqueued, batch),) = traces[0].parts
    assert traces[1].parts[0].batch is batch
    assert batch.traces == traces
    assert (batch.items, batch.works) == (3, 3)
    assert enqueued < batch.started <= batch.ended
