# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Deciding on arrival whether a work can be done in time, and when another try could be."""

from dataclasses import dataclass

from argosy_worker.errors import Overloaded
from argosy_worker.scheduling.latency import LatencyModel
from argosy_worker.scheduling.work import Work


class ArrivalRate:
    """Items offered in a second, averaged over the recent past; refused ones count too."""

    def __init__(self) -> None:
        self._rate = 0.0
        self._last = 0.0

    def note(self, items: int, now: float) -> None:
        """Takes note of an arrival at a monotonic time, in seconds."""
        gap = max(now - self._last, 1e-6)
        self._last = now
        # A time constant of 100 ms: a few batches of a typical accelerator.
        weight = min(gap / 0.1, 1.0)
        self._rate += weight * (items / gap - self._rate)

    @property
    def per_second(self) -> float:
        """The rate now."""
        return self._rate


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a work that arrives now would be done. Monotonic times, in seconds."""

    done: float
    """If its batch is filled by others as far as the arrival rate lets expect."""
    done_alone: float
    """If its batch holds only what is ahead of it already."""
    may_shrink: bool
    """Whether the batch may be cut short for its sake, since too few others would come to fill it."""


def forecast(
    work: Work, ahead: int, free_at: float, now: float, instances: int, limit: int, rate: float, model: LatencyModel
) -> Forecast:
    """Forecasts a work's end.

    Args:
        work: The work.
        ahead: Items that are served before it.
        free_at: When the first instance becomes free.
        now: The time now.
        instances: Number of instances that share the queue.
        limit: Most items in a batch.
        rate: Items that arrive in a second.
        model: Run times.
    """
    batches_ahead, position = divmod(ahead, limit)
    if position + work.items > limit:
        batches_ahead, position = batches_ahead + 1, 0
    start = max(free_at, now) + batches_ahead / instances * model.predict(limit, work.length)
    least = min(position + work.items, limit)
    expected = min(limit, least + int(rate * (start - now) / instances))
    return Forecast(
        start + model.predict(expected, work.length), start + model.predict(least, work.length), expected < limit
    )


def refuse_if_late(work: Work, predicted: Forecast, margin_s: float) -> None:
    """Refuses a work that cannot meet its deadline.

    Raises:
        Overloaded: with the delay after which the same call would be in time, if no more came.
    """
    done = predicted.done_alone if predicted.may_shrink else predicted.done
    late = done + margin_s - work.due
    if late > 0:
        raise unmeetable(late)


def unmeetable(late_s: float) -> Overloaded:
    """Makes the error of a work that would be ``late_s`` seconds late."""
    return Overloaded(
        "the deadline cannot be met: the answer would be late by at least "
        f"{late_s * 1e3:.1f} ms; retry after the delay in RetryInfo, or allow more time",
        reason="DEADLINE_UNMEETABLE",
        retry_after_s=late_s,
        metadata={"late_ms": f"{late_s * 1e3:.1f}"},
    )
