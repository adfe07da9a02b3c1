# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Admission and claim: what cannot be done in time is refused early, and never at the cost of what can."""

import asyncio
from collections.abc import Iterator

import numpy as np
import pytest
from argosy_worker.errors import DeadlineExpired, Overloaded
from argosy_worker.scheduling.admission import ArrivalRate, Refusal, forecast, unmeetable
from argosy_worker.scheduling.claim import Limits, claim
from argosy_worker.scheduling.latency import LatencyModel
from argosy_worker.scheduling.queue import WorkQueue
from argosy_worker.scheduling.stats import Stats
from argosy_worker.scheduling.work import Terms, Work, signature

NOW = 1000.0
LIMIT = 32


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture
def model() -> LatencyModel:
    """10 ms and 0.5 ms for each item: a full batch takes 26 ms."""
    made = LatencyModel(1.0)
    for size in (1, LIMIT) * 5:
        made.learn(size, 0.010 + 0.0005 * size)
    return made


def work(loop: asyncio.AbstractEventLoop, due_ms: float, items: int = 1) -> Work:
    inputs = {"x": np.zeros((items, 1), np.float32)}
    return Work(inputs, items, signature(inputs), 1, Terms(NOW + due_ms / 1e3), NOW, loop.create_future())


def queue_of(*works: Work) -> WorkQueue:
    queue = WorkQueue(10_000)
    for each in works:
        queue.push(each, lambda _: 0.1)
    return queue


def refused_by_ms(work: Work, ahead: int, rate: float, model: LatencyModel, *, free_ms: float = 0) -> float | None:
    """How late the work would be, in milliseconds, or None where it is admitted."""
    predicted = forecast(work, ahead, NOW + free_ms / 1e3, NOW, 1, LIMIT, rate, model)
    late_s = predicted.end + 0.002 - work.due
    return late_s * 1e3 if late_s > 0 else None


@pytest.mark.parametrize(
    ("due_ms", "ahead", "rate", "free_ms", "late_ms"),
    [
        (13, 0, 0, 0, None),  # alone on an idle engine: 10.5 + 2
        (12, 0, 0, 0, 0.5),
        (60, 0, 3000, 26, None),  # the batch fills by the time the engine is free: 26 + 26 + 2
        (53, 0, 3000, 26, 1.0),
        (53, 0, 0, 26, None),  # nobody else comes: 26 + 10.5 + 2
        (60, 32, 3000, 26, 20.0),  # a whole batch goes first
        (30, 10, 3000, 0, None),  # the batch starts at once, with 11: 15.5 + 2
    ],
)
def test_admission_follows_the_forecast(
    loop: asyncio.AbstractEventLoop,
    model: LatencyModel,
    due_ms: float,
    ahead: int,
    rate: float,
    free_ms: float,
    late_ms: float | None,
) -> None:
    late = refused_by_ms(work(loop, due_ms), ahead, rate, model, free_ms=free_ms)
    assert late == (None if late_ms is None else pytest.approx(late_ms, abs=0.1))


def test_the_arrival_rate_is_learned_and_forgotten() -> None:
    rate = ArrivalRate()
    for number in range(1000):
        rate.note(1, NOW + number / 1000)
    assert rate.per_second == pytest.approx(1000, rel=0.05)
    rate.note(1, NOW + 11)
    assert rate.per_second < 1


def test_a_claimed_batch_is_full_where_all_can_make_it(loop: asyncio.AbstractEventLoop, model: LatencyModel) -> None:
    works = [work(loop, 60) for _ in range(40)]
    assert claim(queue_of(*works), NOW, NOW, Limits(LIMIT, 0), model, 0.002, Stats()) == works[:32]


def test_who_cannot_make_the_full_batch_is_refused_where_others_fill_it(
    loop: asyncio.AbstractEventLoop, model: LatencyModel
) -> None:
    hurried = work(loop, 20)
    others = [work(loop, 60) for _ in range(32)]
    assert claim(queue_of(hurried, *others), NOW, NOW, Limits(LIMIT, 0), model, 0.002, Stats()) == others
    with pytest.raises(Overloaded):
        hurried.future.result()


def test_the_batch_shrinks_where_nobody_else_would_fill_it(
    loop: asyncio.AbstractEventLoop, model: LatencyModel
) -> None:
    hurried = work(loop, 13.1)  # with half of the margin, 4 items: 10 + 4 * 0.5 + 1
    others = [work(loop, 60) for _ in range(10)]
    queue = queue_of(hurried, *others)
    assert claim(queue, NOW, NOW, Limits(LIMIT, 0), model, 0.002, Stats()) == [hurried, *others[:3]]
    assert queue.items == 7


def test_where_engine_time_is_scarce_no_batch_shrinks_for_the_sake_of_one(
    loop: asyncio.AbstractEventLoop, model: LatencyModel
) -> None:
    hurried = work(loop, 13.1)
    others = [work(loop, 60) for _ in range(10)]
    assert claim(queue_of(hurried, *others), NOW, NOW, Limits(LIMIT, 0), model, 0.002, Stats(), scarce=True) == others
    with pytest.raises(Overloaded):
        hurried.future.result()


def test_an_admitted_work_that_has_lost_half_of_its_margin_stays_in_a_full_batch(
    loop: asyncio.AbstractEventLoop, model: LatencyModel
) -> None:
    works = [work(loop, 27.1), *(work(loop, 60) for _ in range(40))]  # a full batch takes 26
    assert claim(queue_of(*works), NOW, NOW, Limits(LIMIT, 0), model, 0.002, Stats()) == works[:32]


def test_who_cannot_make_it_even_alone_is_refused(loop: asyncio.AbstractEventLoop, model: LatencyModel) -> None:
    hopeless, other = work(loop, 5), work(loop, 60)
    assert claim(queue_of(hopeless, other), NOW, NOW, Limits(LIMIT, 0), model, 0.002, Stats()) == [other]
    with pytest.raises(Overloaded):
        hopeless.future.result()


def test_dead_works_are_dropped_at_claim(loop: asyncio.AbstractEventLoop, model: LatencyModel) -> None:
    gone, expired, live = work(loop, 60), work(loop, -1), work(loop, 60)
    gone.future.cancel()
    assert claim(queue_of(gone, expired, live), NOW, NOW, Limits(LIMIT, 0), model, 0.002, Stats()) == [live]
    with pytest.raises(DeadlineExpired):
        expired.future.result()


def test_works_without_deadline_are_never_refused(loop: asyncio.AbstractEventLoop, model: LatencyModel) -> None:
    inputs = {"x": np.zeros((1, 1), np.float32)}
    patient = [Work(inputs, 1, signature(inputs), 1, Terms(), NOW, loop.create_future()) for _ in range(40)]
    assert len(claim(queue_of(*patient), NOW, NOW + 1000, Limits(LIMIT, 0), model, 0.002, Stats())) == 32


def test_a_refusal_says_in_whole_milliseconds_when_to_come_back_never_too_soon() -> None:
    refusal = unmeetable(0.0123)
    assert refusal.retry_after_s == 0.013
    assert refusal.metadata == {"late_ms": "13"}
    assert "13 ms" in refusal.message


@pytest.mark.parametrize(
    ("terms", "at", "concerned"),
    [
        (Terms(NOW + 0.03, "a"), NOW, True),
        (Terms(NOW + 0.04, "a"), NOW, True),  # due later, and so served later
        (Terms(NOW + 0.029, "a"), NOW, False),  # due sooner: it would be served before the one that was refused
        (Terms(NOW + 0.05, "a"), NOW, False),  # in time
        (Terms(NOW + 0.03, "b"), NOW, False),
        (Terms(NOW + 0.03, "a", 1), NOW, False),
        (Terms(None, "a"), NOW, False),
        (Terms(NOW + 0.03, "a"), NOW + 0.02, False),  # too long ago
    ],
)
def test_a_refusal_concerns_calls_that_could_be_done_no_sooner(terms: Terms, at: float, concerned: bool) -> None:
    refusal = Refusal(Terms(NOW + 0.03, "a"), NOW + 0.03, NOW + 0.05, NOW + 0.02)
    assert refusal.concerns(terms, at) is concerned
