# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The order of the queue: priority with ageing, fairness between tenants, earliest deadline first inside one."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from argosy_worker.errors import Overloaded
from argosy_worker.scheduling.queue import AGEING_S, PATIENCE_S, WorkQueue
from argosy_worker.scheduling.work import Terms, Work, signature

NOW = 1000.0


def a_second_an_item(work: Work) -> float:
    return float(work.items)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


def work(
    loop: asyncio.AbstractEventLoop,
    *,
    tenant: str = "",
    due: float | None = None,
    priority: int = 5,
    items: int = 1,
    width: int = 1,
    at: float = NOW,
) -> Work:
    inputs = {"x": np.zeros((items, width), np.float32)}
    return Work(inputs, items, signature(inputs), 1, Terms(due, tenant, priority), at, loop.create_future())


def push(queue: WorkQueue, *works: Work) -> None:
    for each in works:
        queue.push(each, lambda _: 0.1)


def pop(queue: WorkQueue, now: float = NOW) -> Work:
    taken = queue.pop(now, None, 0, a_second_an_item)
    assert taken is not None
    return taken


def test_the_earliest_deadline_of_a_tenant_goes_first(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(100)
    late, early, middle = (work(loop, due=NOW + seconds) for seconds in (3, 1, 2))
    push(queue, late, early, middle)
    assert [pop(queue) for _ in range(3)] == [early, middle, late]


def test_equal_deadlines_keep_their_order(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(100)
    works = [work(loop, due=NOW + 1) for _ in range(5)]
    push(queue, *works)
    assert [pop(queue) for _ in works] == works


def test_a_work_without_deadline_is_not_starved_by_those_with_one(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(100)
    patient = work(loop)
    push(queue, patient, work(loop, due=NOW + PATIENCE_S + 1, at=NOW + 2))
    assert pop(queue) is patient


def test_a_higher_priority_goes_first(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(100)
    low, high = work(loop, priority=9, due=NOW + 1), work(loop, priority=1, due=NOW + 9)
    push(queue, low, high)
    assert pop(queue) is high


def test_a_priority_that_is_never_served_gains_with_time(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(100)
    low = work(loop, priority=6)
    push(queue, low)
    later = NOW + 2 * AGEING_S + 1
    push(queue, work(loop, priority=5, at=later))
    assert pop(queue, later) is low


def test_tenants_share_alike_however_much_one_sends(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(1000)
    push(queue, *(work(loop, tenant="heavy") for _ in range(100)), *(work(loop, tenant="light") for _ in range(20)))
    first = Counter(pop(queue).terms.tenant for _ in range(40))
    assert first == {"heavy": 20, "light": 20}
    assert {pop(queue).terms.tenant for _ in range(80)} == {"heavy"}, "an unused share is usable"


def test_a_tenants_share_is_counted_in_items(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(1000)
    push(
        queue, *(work(loop, tenant="big", items=4) for _ in range(20)), *(work(loop, tenant="small") for _ in range(80))
    )
    items: Counter[str] = Counter()
    for _ in range(50):
        taken = pop(queue)
        items[taken.terms.tenant] += taken.items
    assert abs(items["big"] - items["small"]) <= 4


def test_a_tenant_that_was_idle_neither_saved_up_nor_owes(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(1000)
    push(queue, *(work(loop, tenant="steady") for _ in range(100)))
    for _ in range(50):
        pop(queue)
    push(queue, *(work(loop, tenant="new") for _ in range(20)))
    turns = Counter(pop(queue).terms.tenant for _ in range(20))
    assert abs(turns["steady"] - turns["new"]) <= 2


def test_a_batch_is_filled_only_with_works_that_fit(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(100)
    wide, narrow, wide_too = work(loop, width=2), work(loop, width=1), work(loop, width=2)
    push(queue, wide, narrow, wide_too)
    assert pop(queue) is wide
    assert queue.items_like(wide.signature) == 1
    assert queue.pop(NOW, wide.signature, 10, a_second_an_item) is wide_too
    assert queue.pop(NOW, wide.signature, 10, a_second_an_item) is None
    assert pop(queue) is narrow


def test_a_work_larger_than_the_room_stays(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(100)
    large = work(loop, items=4)
    push(queue, large)
    assert queue.pop(NOW, large.signature, 3, a_second_an_item) is None
    assert queue.pop(NOW, large.signature, 4, a_second_an_item) is large


def test_a_full_queue_refuses_and_an_empty_one_takes_anything(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(3)
    push(queue, work(loop, items=5))
    with pytest.raises(Overloaded):
        queue.push(work(loop), lambda _: 0.1)
    assert queue.items == 5


def test_discarded_works_leave_no_trace(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(100)
    works = [work(loop, due=NOW + 1) for _ in range(5)]
    push(queue, *works)
    for gone in works[::2]:
        queue.discard(gone)
        queue.discard(gone)
    assert queue.items == 2
    assert [pop(queue), pop(queue)] == [works[1], works[3]]
    assert queue.pop(NOW, None, 0, a_second_an_item) is None


def test_what_is_ahead_is_what_will_be_served_first(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(1000)
    push(queue, *(work(loop, tenant="a", due=NOW + second) for second in range(1, 11)))
    push(queue, *(work(loop, tenant="b", due=NOW + 1) for _ in range(50)))
    push(queue, *(work(loop, tenant="c", priority=1) for _ in range(3)), *(work(loop, priority=9) for _ in range(7)))
    # 3 of higher priority, 4 of its own tenant, and as many again of b with one more for its own turn.
    assert queue.ahead(work(loop, tenant="a", due=NOW + 4.5)) == 3 + 4 + 5
    assert queue.ahead(work(loop, tenant="new")) == 3 + 2
    assert queue.ahead(work(loop, priority=1, tenant="c", due=NOW)) == 0


def test_draining_returns_everything(loop: asyncio.AbstractEventLoop) -> None:
    queue = WorkQueue(100)
    works = {work(loop, tenant=str(number), priority=1 + number % 9, width=1 + number % 3) for number in range(30)}
    push(queue, *works)
    assert set(queue.drain()) == works
    assert (queue.items, queue.pop(NOW, None, 0, a_second_an_item)) == (0, None)
