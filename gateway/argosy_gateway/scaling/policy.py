# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How many replicas are wanted, as a pure function of what was measured. All times are in seconds.

A replica takes long to start, so the number follows what callers ask for, refused calls included, and where that is
going, and not what the replicas that there are can do. It rises at once, and falls only to what was enough for a while.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

#: Times over which the demand is averaged: what is asked now, and what it is compared with to see where it is going.
FAST_S, SLOW_S = 5.0, 40.0
#: How much of the growth of the demand is expected to go on, and the most that is expected, as a part of the demand.
GROWTH, MOST_GROWTH = 0.5, 1.0
#: Time for which missed calls, and those whose deadline was near, are looked back upon.
PRESSURE_S = 10.0
#: Time in which a replica that has just begun to answer relieves the others of what waited for them.
SETTLE_S = 3.0
#: Part of the calls from which on there are too few replicas: of those whose deadline was near, and of those missed.
TIGHT_SHARE, MISSED_SHARE = 0.1, 0.01
#: Such calls never ask for more than this many times the replicas that the demand does: there are deadlines that no
#: number of replicas can meet.
MOST_HELP = 2.0
#: How far back the policy can look.
LONGEST_S = 900.0
#: A replica is given up only where the others would stay below this part of the utilisation at which one is added.
MARGIN = 0.9
#: With less, a number that somebody mistyped would ask for more replicas than there can be.
LEAST_UTILIZATION = 0.01


@dataclass(frozen=True, slots=True)
class Settings:
    """What may differ between the groups of workers that are scaled."""

    start_s: float = 30.0
    """From the decision to add a replica until it answers."""
    utilization: float = 0.8
    """Part of what its replicas can do that may be asked of them before another one is wanted; 0.01 to 1."""
    down_s: float = 120.0
    """How long fewer replicas must have been enough before some are given up."""
    idle_s: float = 300.0
    """Time without any call after which none is wanted."""

    def __post_init__(self) -> None:
        if not LEAST_UTILIZATION <= self.utilization <= 1:
            raise ValueError(f"the utilisation must be from {LEAST_UTILIZATION:g} to 1, not {self.utilization:g}")
        for name in ("start_s", "down_s", "idle_s"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name} must be a number of seconds from 0 up, not {getattr(self, name):g}")
        if self.down_s > LONGEST_S:
            raise ValueError(f"down_s must be at most {LONGEST_S:g}, not {self.down_s:g}")


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured at one moment of one group of workers."""

    at: float
    """Monotonic."""
    replicas: int
    """Workers that are there: serving or starting, not leaving."""
    serving: int
    """Those of them that answer."""
    demand: float = 0.0
    """What callers ask for, refused calls included, in replicas: 1 is all that one replica can do."""
    backlog: float = 0.0
    """What waits, in seconds of one replica's work."""
    answered: float = 0.0
    """Calls with a deadline that were answered, in a second."""
    tight: float = 0.0
    """Those of them whose deadline was near."""
    missed: float = 0.0
    """Calls in a second that were refused for lack of room or time, or whose deadline passed."""
    silent: int = 0
    """Workers that should have told what is asked of them and have not: the rest of this is what the others told."""


@dataclass(slots=True)
class _Point:
    sample: Sample
    fast: float
    """Demand of late."""
    growth: float
    """How much more of it came in a second."""

    def expected(self, start_s: float) -> float:
        """The demand that there will be once a replica that was asked for here has started."""
        return self.fast + min(max(self.growth, 0.0) * start_s * GROWTH, self.fast * MOST_GROWTH)


class History:
    """The samples of one group of workers, as far back as the policy looks."""

    def __init__(self, began: float) -> None:
        """``began`` is when measuring began; monotonic."""
        self._began = began
        self._points: deque[_Point] = deque()

    def add(self, sample: Sample) -> None:
        """Adds the newest sample; what silent workers have to do is taken to be no less than it was."""
        before = [point.sample for point in self._since(sample.at - SLOW_S) if not point.sample.silent]
        recent = [each.demand for each in before if each.at >= sample.at - FAST_S]
        earlier = [each.demand for each in before if each.at < sample.at - FAST_S]
        recent.append(sample.demand)
        fast = sum(recent) / len(recent)
        if sample.silent and self._points:
            fast = max(fast, self._points[-1].fast)
        growth = (fast - sum(earlier) / len(earlier)) / (SLOW_S / 2) if earlier else 0.0
        self._points.append(_Point(sample, fast, growth))
        while self._points[0].sample.at < sample.at - LONGEST_S:
            self._points.popleft()

    @property
    def last(self) -> Sample | None:
        """The newest sample."""
        return self._points[-1].sample if self._points else None

    def wanted(self, settings: Settings, now: float, called: float) -> int:
        """Replicas that are wanted now.

        Args:
            settings: Of the group.
            now: Monotonic.
            called: When it was last called, or a caller that found no worker comes back; monotonic.
        """
        if now - max(called, self._began) >= settings.idle_s:
            return 0
        last = self.last
        if last is None:
            return 1 if called > self._began else 0
        start = min(now - settings.down_s, last.at)
        peak = max(point.expected(settings.start_s) for point in self._since(start))
        enough = math.ceil(peak / settings.utilization / MARGIN)
        if self._in_trouble(start):
            enough = max(enough, math.ceil(peak / settings.utilization * MOST_HELP))
        if now - self._began < settings.down_s or any(point.sample.silent for point in self._since(start)):
            enough = last.replicas  # not known for long enough to give any up
        asleep = last.replicas == 0 and called <= self._began
        return max(self._needed(settings, last), min(enough, last.replicas), 0 if asleep else 1)

    def _needed(self, settings: Settings, last: Sample) -> int:
        """Replicas without which deadlines will be missed."""
        expected = self._points[-1].expected(settings.start_s)
        waiting = last.backlog / max(settings.start_s, 1.0)
        needed = math.ceil((expected / settings.utilization + waiting) * (1 - 1e-9))
        # While others start, what is missed tells nothing of how many are wanted beside them.
        if last.serving == last.replicas and self._in_trouble(self._settled(last)):
            needed = max(needed, min(last.replicas + 1, math.ceil(expected / settings.utilization * MOST_HELP)))
        return needed

    def _settled(self, last: Sample) -> float:
        """From when on calls are missed for all that so many replicas can do; what was missed before asked for them."""
        recent = (point.sample for point in self._since(last.at - PRESSURE_S - SETTLE_S))
        fewer = next((sample.at for sample in recent if sample.serving < last.serving), -math.inf)
        return max(last.at - PRESSURE_S, fewer + SETTLE_S)

    def _in_trouble(self, since: float) -> bool:
        """Whether too many deadlines were missed, or near."""
        samples = [point.sample for point in self._since(since)]
        answered, missed = sum(each.answered for each in samples), sum(each.missed for each in samples)
        return (
            missed > MISSED_SHARE * (answered + missed) or sum(each.tight for each in samples) > TIGHT_SHARE * answered
        )

    def _since(self, start: float) -> Iterable[_Point]:
        found: list[_Point] = []
        for point in reversed(self._points):
            if point.sample.at < start:
                break
            found.append(point)
        return found
