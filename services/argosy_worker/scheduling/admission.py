# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Deciding on arrival whether a work can be done in time, and when another try could be."""

import math
from dataclasses import dataclass

from argosy_worker.errors import Overloaded
from argosy_worker.scheduling.latency import LatencyModel
from argosy_worker.scheduling.work import Terms, Work

#: A refusal is looked at anew after this time, though nothing seems to have changed. In seconds.
RELY_S = 0.05


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

    @property
    def end(self) -> float:
        """What counts."""
        return self.done_alone if self.may_shrink else self.done


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


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal, and whom else it concerns. Monotonic times, in seconds.

    A call of the same tenant and priority that is due no sooner would be served after the one that was refused, so it
    would be done no sooner either, as long as nothing has left the queue and no run has begun or ended.
    """

    terms: Terms
    due: float
    done: float
    """When the refused work would have been done, with the margin."""
    until: float
    """How long this may be relied upon at most."""

    def concerns(self, terms: Terms, now: float) -> bool:
        """Whether a call that arrives now is as hopeless."""
        return (
            terms.deadline is not None
            and self.due <= terms.deadline < self.done
            and now < self.until
            and terms.tenant == self.terms.tenant
            and terms.priority == self.terms.priority
        )


def unmeetable(late_s: float) -> Overloaded:
    """Makes the error of a work that would be ``late_s`` seconds late; says it in whole milliseconds, rounded up."""
    late_ms = math.ceil(late_s * 1e3)
    return Overloaded(
        f"the deadline cannot be met: the answer would be late by at least {late_ms} ms; "
        "retry after the delay in RetryInfo, or allow more time",
        reason="DEADLINE_UNMEETABLE",
        retry_after_s=late_ms / 1e3,
        metadata={"late_ms": str(late_ms)},
    )
