# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Several models on one device: so many runs at a time, and as much of it for each."""

import asyncio
import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest
from argosy_worker.engines.port import Tensors, TensorSpec
from argosy_worker.scheduling.batcher import Batcher, BatcherOptions
from argosy_worker.scheduling.device import NEVER, Device, Devices
from argosy_worker.scheduling.work import Terms

from bench.virtual import TimedEngine, Timeline, VirtualLoop, virtual_time

NOW = 1000.0


def rows(count: int = 1) -> Tensors:
    return {"x": np.zeros((count, 4), np.float32)}


class BusyEngine:
    """Notes how many engines run at the same time."""

    inputs = outputs = (TensorSpec("x", "FP32", (-1, 4)),)
    device = "test"
    queues_runs = False
    running = most = 0
    lock = threading.Lock()

    def __init__(self, run_s: float) -> None:
        self.run_s = run_s

    def run(self, inputs: Tensors) -> Tensors:
        with BusyEngine.lock:
            BusyEngine.running += 1
            BusyEngine.most = max(BusyEngine.most, BusyEngine.running)
        time.sleep(self.run_s)
        with BusyEngine.lock:
            BusyEngine.running -= 1
        return {"y": inputs["x"]}

    def close(self) -> None:
        """Nothing is held."""


def shared_out(
    seconds: float, *item_ms: float, busy: Sequence[int] = (0, 1), last: Terms | None = None
) -> list[tuple[float, float]]:
    """Models on one device, each taking so much for an item; those that are ``busy`` have more waiting than it can run.

    The works of the last one have the terms ``last``.

    Returns what each has had of the device after a time of that, in seconds, and its learned capacity, in items a
    second. The time is virtual.
    """

    async def run(loop: VirtualLoop) -> list[tuple[float, float]]:
        device, timeline = Device(1), Timeline()
        options = BatcherOptions(max_batch_size=4, max_queue=10_000, inline_below_s=0)
        models = [Batcher([TimedEngine(loop, 0.001, ms / 1e3, timeline)], options, device) for ms in item_ms]
        for model in models:
            for size in (1, 4) * 3:
                await model.submit(rows(size), size, Terms())
            model.stats.engine_s = 0.0
        until = loop.time() + seconds
        terms = [*(Terms() for _ in models[1:]), last or Terms()]
        await asyncio.gather(*(backlog(models[which], until, terms[which]) for which in busy))
        found = [(model.stats.engine_s, model.capacity) for model in models]
        for model in models:
            await model.close()
        return found

    with virtual_time() as loop:
        return loop.run_until_complete(run(loop))


async def backlog(model: Batcher, until: float, terms: Terms) -> None:
    """Keeps the model busy, with more waiting than it can run."""

    async def caller() -> None:
        while time.monotonic() < until:
            await model.submit(rows(), 1, terms)

    await asyncio.gather(*(caller() for _ in range(16)))


@pytest.mark.parametrize(("first_ms", "second_ms"), [(1.0, 1.0), (0.5, 3.0)])
def test_backlogged_models_get_as_much_of_the_device(first_ms: float, second_ms: float) -> None:
    (first_s, _), (second_s, _) = shared_out(2.0, first_ms, second_ms)
    # Turns of runs alone would give the first 0.2 of it in the second case.
    assert first_s / (first_s + second_s) == pytest.approx(0.5, abs=0.05)


def test_a_model_alone_has_the_whole_device() -> None:
    (first_s, _), _ = shared_out(1.0, 1.0, 1.0, busy=[0])
    assert first_s == pytest.approx(1.0, rel=0.05)


def test_run_times_are_learned_without_the_wait_for_other_models() -> None:
    (_, capacity), _ = shared_out(1.0, 1.0, 1.0)
    # A full batch takes 5 ms of the device, so 800 items a second; half of that if waiting were counted.
    assert capacity == pytest.approx(800, rel=0.05)


@pytest.mark.parametrize("slots", [1, 2])
async def test_no_more_runs_at_a_time_than_the_device_has_slots(slots: int) -> None:
    BusyEngine.most = 0
    device = Device(slots)
    options = BatcherOptions(max_batch_size=1, max_queue=1000, inline_below_s=0)
    models = [Batcher([BusyEngine(0.002), BusyEngine(0.002)], options, device) for _ in range(3)]
    await asyncio.gather(*(model.submit(rows(), 1, Terms()) for model in models for _ in range(10)))
    for model in models:
        await model.close()
    assert BusyEngine.most == slots


def test_a_device_tells_when_it_is_free_and_when_to_claim() -> None:
    device = Device(2)
    assert (device.free_at(NOW), device.claim_at(NOW)) == (NOW, NOW)
    first = device.grant("a", NOW, 0.1)
    device.grant("b", NOW, 0.2)
    assert device.free_at(NOW) == pytest.approx(NOW + 0.1)
    assert device.claim_at(NOW) == pytest.approx(NOW + 0.1 - 0.003)
    device.grant("a", NOW + 0.1, 0.1)
    device.grant("b", NOW + 0.2, 0.1)
    assert device.claim_at(NOW) == NEVER
    device.release(first, NOW + 0.15)
    assert device.claim_at(NOW + 0.15) < NEVER


def test_whoever_waits_is_called_when_a_run_ends_the_one_with_least_first() -> None:
    device = Device(1)
    called: list[str] = []
    turn = device.grant("greedy", NOW, 1.0)
    for name in ("greedy", "modest"):
        device.wait(name, lambda name=name: called.append(name))  # type: ignore[misc]
    device.release(turn, NOW + 1)
    assert called == ["modest", "greedy"]


def test_a_model_that_wants_nothing_any_more_is_not_called() -> None:
    device = Device(1)
    turn = device.grant("a", NOW, 1.0)
    device.wait("b", lambda: pytest.fail("called"))
    device.leave("b")
    device.release(turn, NOW + 1)


def test_models_on_one_device_share_it_and_its_slots_can_be_set() -> None:
    devices = Devices(processors=6)
    assert devices.named("cuda:0") is devices.named("cuda:0") is not devices.named("cuda:1")
    assert devices.named("cuda:0").slots == 1
    assert devices.named("cpu").slots == 6
    assert Devices(runs=3, processors=6).named("cpu").slots == 3
