# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The queue from which free engines pull. Order: first in, first out."""

from collections import deque

from argosy_worker.errors import DeadlineExpired, Overloaded
from argosy_worker.scheduling.work import Work, fail


class WorkQueue:
    """Holds waiting works, at most ``max_items`` items together."""

    def __init__(self, max_items: int) -> None:
        self._max_items = max_items
        self._works: deque[Work] = deque()
        self._items = 0

    @property
    def items(self) -> int:
        """Items waiting, those of callers who have left included until they are met."""
        return self._items

    def push(self, work: Work, retry_after_s: float) -> None:
        """Adds a work at the end.

        Raises:
            Overloaded: the queue is full even without the works that nobody waits for any more.
        """
        if self._items + work.items > self._max_items:
            self._forget_abandoned()
        if self._works and self._items + work.items > self._max_items:
            raise Overloaded(
                f"{self._items} items are waiting, the model's queue holds {self._max_items}",
                retry_after_s=retry_after_s,
                metadata={"max_queue": str(self._max_items)},
            )
        self._works.append(work)
        self._items += work.items

    def take(self, max_items: int, now: float) -> list[Work]:
        """Removes the next batch: the first live work and whatever fits with it, in order.

        Works whose caller has left are dropped, those whose deadline has passed end with DeadlineExpired.
        """
        batch: list[Work] = []
        passed: list[Work] = []
        room = max_items
        while self._works and room > 0:
            work = self._works.popleft()
            if work.future.done():
                self._items -= work.items
            elif work.deadline is not None and work.deadline <= now:
                self._items -= work.items
                fail(work, DeadlineExpired("the deadline passed while the call waited for a free engine"))
            elif (batch and work.signature != batch[0].signature) or (batch and work.items > room):
                passed.append(work)
            else:
                self._items -= work.items
                room -= work.items
                batch.append(work)
        self._works.extendleft(reversed(passed))
        return batch

    def drain(self) -> list[Work]:
        """Removes everything."""
        works, self._works, self._items = list(self._works), deque(), 0
        return works

    def _forget_abandoned(self) -> None:
        live = deque(work for work in self._works if not work.future.done())
        self._works, self._items = live, sum(work.items for work in live)
