# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever arrives, leaves, expires or fails: nobody is lost, answered with another's result, or computed twice."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

import numpy as np
from argosy_worker.engines.port import Tensors, TensorSpec
from argosy_worker.errors import ArgosyError, DeadlineExpired, EngineFault, NotReady, Overloaded
from argosy_worker.scheduling.batcher import Batcher, BatcherOptions
from argosy_worker.scheduling.work import Result, Terms
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st


class CountingEngine:
    """Doubles its input and counts each item; numbers divisible by 7 are a fault of the run."""

    inputs = outputs = (TensorSpec("x", "FP32", (-1, -1)),)
    device = "test"

    def __init__(self, run_s: float, queues_runs: bool) -> None:
        self.run_s = run_s
        self.queues_runs = queues_runs
        self.answered: Counter[float] = Counter()

    def run(self, inputs: Tensors) -> Tensors:
        time.sleep(self.run_s)
        numbers = inputs["x"][:, 0]
        if (numbers % 7 == 0).any():
            raise EngineFault("divisible by 7")
        self.answered.update(numbers.tolist())
        return {"y": inputs["x"] * 2}

    def close(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class Caller:
    """One call as drawn: when it comes, what it wants, when it leaves. Times in milliseconds."""

    at: int
    items: int
    width: int
    tenant: str
    priority: int
    patience: int | None
    leaves_after: int | None


CALLERS = st.lists(
    st.builds(
        Caller,
        at=st.integers(0, 20),
        items=st.integers(1, 3),
        width=st.sampled_from([1, 2]),
        tenant=st.sampled_from(["a", "b", "c"]),
        priority=st.sampled_from([1, 5, 9]),
        patience=st.one_of(st.none(), st.integers(-1, 40)),
        leaves_after=st.one_of(st.none(), st.integers(0, 20)),
    ),
    min_size=1,
    max_size=40,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# A request of several items that does not fit into the rest of a batch.
@example(
    callers=[
        *[Caller(0, 1, 1, "a", 1, None, None)] * 26,
        Caller(0, 1, 1, "b", 1, None, None),
        Caller(0, 2, 1, "c", 1, None, None),
        Caller(0, 2, 1, "a", 1, 4, None),
    ],
    instances=1,
    run_ms=0.0,
    queues_runs=False,
    max_queue=1000,
    closes_after=None,
)
@given(
    callers=CALLERS,
    instances=st.integers(1, 2),
    run_ms=st.sampled_from([0.0, 1.0, 4.0]),
    queues_runs=st.booleans(),
    max_queue=st.sampled_from([5, 1000]),
    closes_after=st.one_of(st.none(), st.integers(0, 20)),
)
def test_every_call_ends_once_and_with_its_own_result(
    callers: list[Caller], instances: int, run_ms: float, queues_runs: bool, max_queue: int, closes_after: int | None
) -> None:
    asyncio.run(scenario(callers, instances, run_ms / 1e3, queues_runs, max_queue, closes_after))


async def scenario(
    callers: list[Caller], instances: int, run_s: float, queues_runs: bool, max_queue: int, closes_after: int | None
) -> None:
    engines = [CountingEngine(run_s, queues_runs) for _ in range(instances)]
    options = BatcherOptions(max_batch_size=4, max_queue=max_queue, first_guess_s=0.0001)
    batcher = Batcher(engines, options)
    numbers = iter(range(1, 10_000))
    owned = [[next(numbers) for _ in range(caller.items)] for caller in callers]
    closing = asyncio.create_task(close_after(batcher, closes_after))
    async with asyncio.timeout(30):
        outcomes = await asyncio.gather(
            *(call(batcher, caller, mine) for caller, mine in zip(callers, owned, strict=True)), return_exceptions=True
        )
        await closing
        await batcher.close()
    answered = sum((engine.answered for engine in engines), Counter[float]())
    for caller, mine, outcome in zip(callers, owned, outcomes, strict=True):
        at_fault = any(number % 7 == 0 for number in mine)
        if isinstance(outcome, Result):
            assert not at_fault
            expected = np.repeat(np.array(mine, np.float32)[:, None] * 2, caller.width, axis=1)
            assert np.array_equal(outcome.outputs["y"], expected)
            assert all(answered[number] == 1 for number in mine), "computed once"
        elif isinstance(outcome, EngineFault):
            assert at_fault, "only the work at fault sees the fault"
        elif isinstance(outcome, DeadlineExpired):
            assert caller.patience is not None
        elif isinstance(outcome, Overloaded):
            assert caller.patience is not None or max_queue == 5
        elif isinstance(outcome, NotReady):
            assert closes_after is not None
        else:
            assert isinstance(outcome, asyncio.CancelledError), outcome
            assert caller.leaves_after is not None
        if isinstance(outcome, ArgosyError) and not isinstance(outcome, EngineFault):
            assert not any(answered[number] for number in mine), "what was refused is not computed"
    assert batcher.waiting == 0


async def call(batcher: Batcher, caller: Caller, mine: list[int]) -> Result:
    await asyncio.sleep(caller.at / 1e3)
    deadline = None if caller.patience is None else time.monotonic() + caller.patience / 1e3
    rows = np.repeat(np.array(mine, np.float32)[:, None], caller.width, axis=1)
    submitted = asyncio.create_task(
        batcher.submit({"x": rows}, caller.items, Terms(deadline, caller.tenant, caller.priority))
    )
    if caller.leaves_after is not None:
        await asyncio.wait([submitted], timeout=caller.leaves_after / 1e3)
        submitted.cancel()
    return await submitted


async def close_after(batcher: Batcher, milliseconds: int | None) -> None:
    if milliseconds is not None:
        await asyncio.sleep(milliseconds / 1e3)
        await batcher.close()
