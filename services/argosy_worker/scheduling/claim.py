# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Claiming a batch: which works go into the run that starts next."""

from collections.abc import Callable
from dataclasses import dataclass

from argosy_worker.errors import DeadlineExpired
from argosy_worker.scheduling.admission import unmeetable
from argosy_worker.scheduling.latency import LatencyModel
from argosy_worker.scheduling.queue import WorkQueue
from argosy_worker.scheduling.stats import Stats
from argosy_worker.scheduling.work import Work, fail


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a batch may be."""

    max_items: int
    max_tokens: int
    """Most items times padded length; 0 means no such limit."""

    def items(self, length: int) -> int:
        """Returns the most items of a padded length in one batch, at least 1."""
        return max(min(self.max_items, self.max_tokens // length), 1) if self.max_tokens else self.max_items


#: Part of the margin that a work must still have when its batch is claimed. It had all of it when it was admitted, and
#: the clock may have gone a little against it since: to cut a batch short, or to refuse it, for that would cost more.
STILL = 0.5


def claim(
    queue: WorkQueue,
    now: float,
    start: float,
    limits: Limits,
    model: LatencyModel,
    margin_s: float,
    stats: Stats,
    *,
    scarce: bool = False,
) -> list[Work]:
    """Takes a batch off the queue, all of which is expected to be done in time.

    The size is decided first, since a batch that grows behind a work would make that work late. Where a work could
    only be served by a smaller batch, it is refused if others fill the batch without it, or if engine time is scarce;
    else the batch is cut short. A trial is taken as it is.

    Args:
        queue: Where works wait.
        now: Monotonic time, in seconds.
        start: When the run is expected to start.
        limits: How large a batch may be.
        model: Run times.
        margin_s: What an answer may be later than predicted, in seconds.
        stats: Where refused and dropped works are counted.
        scarce: Whether more is asked of the engine than it can do: then a batch that is cut short for one work makes
            others late, that would have been in it.
    """
    margin_s *= STILL
    batch: list[Work] = []
    size = target = 0
    cost = cost_of(model, limits)
    while not batch or size < target:
        work = queue.pop(now, batch[0].signature if batch else None, target - size, cost)
        if work is None:
            break
        if not work.live:
            continue
        if work.due <= now:
            stats.expire(work.terms)
            fail(work, DeadlineExpired("the deadline passed while the call waited for a free engine"))
            continue
        limit = limits.items(work.length)
        others = queue.items_like(work.signature)
        most = max(min(target or limit, size + work.items + others), work.items)
        if not work.trial and start + model.predict(most, work.length) + margin_s > work.due:
            most = model.largest(work.due - margin_s - start, most, work.length)
            if most < size + work.items or size + others >= limit or (scarce and others):
                stats.refuse(work.terms, "at_claim")
                alone = start + model.predict(size + work.items, work.length)
                fail(work, unmeetable(alone + margin_s - work.due))
                continue
            target = most
        target = target or limit
        batch.append(work)
        size += work.items
    return batch


def cost_of(model: LatencyModel, limits: Limits) -> Callable[[Work], float]:
    """Returns what a work costs: its share of a full batch's time, in seconds."""

    def cost(work: Work) -> float:
        limit = limits.items(work.length)
        return model.predict(limit, work.length) / limit * work.items

    return cost
