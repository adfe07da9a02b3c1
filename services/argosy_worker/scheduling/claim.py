# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Claiming a batch: which works go into the run that starts next."""

from argosy_worker.errors import DeadlineExpired
from argosy_worker.scheduling.admission import unmeetable
from argosy_worker.scheduling.latency import LatencyModel
from argosy_worker.scheduling.queue import WorkQueue
from argosy_worker.scheduling.work import Work, fail


def claim(queue: WorkQueue, now: float, start: float, limit: int, model: LatencyModel, margin_s: float) -> list[Work]:
    """Takes a batch off the queue, all of which is expected to be done in time.

    The size is decided first, since a batch that grows behind a work would make that work late. Where a work could
    only be served by a smaller batch, it is refused if others fill the batch without it; else the batch is cut short.

    Args:
        queue: Where works wait.
        now: Monotonic time, in seconds.
        start: When the run is expected to start.
        limit: Most items in a batch.
        model: Run times.
        margin_s: What an answer may be later than predicted, in seconds.
    """
    batch: list[Work] = []
    size, target = 0, limit
    signature = None
    cost = model.predict(limit) / limit
    while size < target:
        work = queue.pop(now, signature, target - size if batch else 0, cost)
        if work is None:
            break
        if not work.live:
            continue
        if work.due <= now:
            fail(work, DeadlineExpired("the deadline passed while the call waited for a free engine"))
            continue
        others = queue.items_like(work.signature)
        full = min(target, size + work.items + others)
        if start + model.predict(full) + margin_s > work.due:
            fits = model.largest(work.due - margin_s - start, full)
            if fits < size + work.items or size + others >= limit:
                fail(work, unmeetable(start + model.predict(max(size + work.items, 1)) + margin_s - work.due))
                continue
            target = fits
        batch.append(work)
        size += work.items
        signature = work.signature
    return batch
