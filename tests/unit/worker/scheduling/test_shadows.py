# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Copies of calls (mirrored traffic) never stand in the way of calls."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import pytest
from argosy_worker.errors import Overloaded
from argosy_worker.scheduling.device import Device
from argosy_worker.scheduling.queue import AGEING_S, WorkQueue
from argosy_worker.scheduling.work import SHADOW_PRIORITY, SHADOW_TENANT, Terms, Work, apart, signature

from tests.unit.worker.scheduling.test_batcher import GatedEngine, items, occupy, running, until
from tests.unit.worker.scheduling.test_device import shared_out

NOW = 1000.0
COPY = Terms(None, SHADOW_TENANT, SHADOW_PRIORITY)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


def work(loop: asyncio.AbstractEventLoop, terms: Terms) -> Work:
    inputs = items(1)
    like = signature(inputs)
    return Work(inputs, 1, apart(like) if terms.shadow else like, 1, terms, NOW, loop.create_future())


def pop(queue: WorkQueue, now: float = NOW) -> Work:
    taken = queue.pop(now, None, 0, lambda work: 1.0)
    assert taken is not None
    return taken


def test_calls_of_any_priority_go_first_however_long_a_copy_has_waited(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(100)
    copy, call = work(loop, COPY), work(loop, Terms(priority=9))
    queue.push(copy, lambda _: 0.1)
    queue.push(call, lambda _: 0.1)
    assert pop(queue, NOW + 100 * AGEING_S) is call
    assert queue.only_shadows
    assert pop(queue) is copy


def test_copies_fill_half_of_a_queue_and_calls_all_of_it(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(4)
    for _ in range(2):
        queue.push(work(loop, COPY), lambda _: 0.1)
    with pytest.raises(Overloaded):
        queue.push(work(loop, COPY), lambda _: 0.1)
    for _ in range(2):
        queue.push(work(loop, Terms()), lambda _: 0.1)
    assert queue.items == 4
    assert not queue.only_shadows


def test_what_waits_of_a_callers_own_does_not_count_copies(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(100)
    for _ in range(5):
        queue.push(work(loop, COPY), lambda _: 0.1)
    call = work(loop, Terms(priority=9))
    assert queue.ahead(call) == 0, "else it might be refused for work that it goes before"
    assert queue.items_like(call.signature) == 0


async def test_a_copy_shares_no_batch_with_calls_and_runs_after_them() -> None:
    engine = GatedEngine()
    async with running(engine) as batcher:
        first = await occupy(batcher, engine)
        done: set[asyncio.Task[object]] = set()
        copies = [asyncio.create_task(batcher.submit(items(value), 1, COPY)) for value in (10, 20)]
        await until(lambda: batcher.waiting == 2)
        calls = [asyncio.create_task(batcher.submit(items(value), 1, Terms(priority=9))) for value in (1, 2)]
        await until(lambda: batcher.waiting == 4)
        engine.gate.set()
        done, _ = await asyncio.wait([first, *copies, *calls])
        assert len(done) == 5
    assert [sorted(batch) for batch in engine.batches[1:]] == [[1, 2], [10, 20]]


async def test_copies_that_are_refused_or_left_are_counted_apart() -> None:
    engine = GatedEngine()
    async with running(engine, max_queue=2) as batcher:
        first = await occupy(batcher, engine)
        copy = asyncio.create_task(batcher.submit(items(1), 1, COPY))
        await until(lambda: batcher.waiting == 1)
        with pytest.raises(Overloaded):
            await batcher.submit(items(2), 1, COPY)
        copy.cancel()
        with suppress(asyncio.CancelledError):
            await copy
        engine.gate.set()
        await first
        assert batcher.stats.shadows_dropped == 2
        assert set(batcher.stats.refused.values()) == {0}
        assert batcher.stats.cancelled == 0


def test_a_model_with_copies_alone_waits_until_no_other_wants_the_device() -> None:
    device = Device(1)
    called: list[str] = []
    turn = device.grant("calls", NOW, 5.0)
    device.wait("copies", lambda: called.append("copies"), behind=True)
    device.wait("calls", lambda: called.append("calls"))
    device.let_others_first("third")
    assert called == [], "it waits behind a third one too, which has had as little"
    device.release(turn, NOW + 5.0)
    assert called == ["calls", "copies"], "though calls have had more of it"


def test_a_model_with_copies_alone_lets_others_first_whatever_they_have_had() -> None:
    device = Device(1)
    called: list[str] = []
    device.grant("calls", NOW, 5.0)
    device.wait("calls", lambda: called.append("calls"))
    device.let_others_first("copies", behind=True)
    assert called == ["calls"]


def test_runs_of_copies_are_not_charged_to_a_models_share() -> None:
    device = Device(1)
    called: list[str] = []
    turn = device.grant("mirrored", NOW, 9.0, free=True)
    device.release(turn, NOW + 9.0)
    turn = device.grant("other", NOW + 9.0, 1.0)
    device.wait("other", lambda: called.append("other"))
    device.wait("mirrored", lambda: called.append("mirrored"))
    device.release(turn, NOW + 10.0)
    assert called == ["mirrored", "other"]


def test_copies_get_what_calls_leave_of_a_device_that_is_busy() -> None:
    (calls_s, _), (copies_s, _) = shared_out(2.0, 1.0, 1.0, last=COPY)
    assert copies_s < 0.1 * calls_s, (calls_s, copies_s)


def test_copies_have_a_device_that_nobody_else_wants() -> None:
    _, (copies_s, _) = shared_out(1.0, 1.0, 1.0, busy=[1], last=COPY)
    assert copies_s == pytest.approx(1.0, rel=0.05)
