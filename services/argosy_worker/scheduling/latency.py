# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How long a run will take, learned from the runs that were.

A run of ``n`` items of one padded length is taken to last ``fixed + per_item * n``; both are fitted by least squares
over recent runs, older ones counting less. A batch size that has been seen often enough is predicted from its own
average instead, so that a device whose times are not a straight line is still known. A length that has not been seen
is predicted from the others, a run's time growing with its tokens.
"""

from dataclasses import dataclass, field

#: Weight that a run loses with each later run.
_FORGETTING = 0.98
#: Weight of the newest run in an average of one batch size.
_NEWEST = 0.2
#: Runs of one batch size after which its own average is believed.
_ENOUGH = 3
#: A run counts as at most so many times what was predicted, and as at least that part of it. One stall of the machine
#: must not make everything look too late, since what is refused for that runs nothing and nothing would be learned; nor
#: must the run behind it, which seems to begin when the stall is over, look too short. A device that has changed for
#: good is known after some more runs.
_OUTLIER = 1.5
#: Part of the answers that the margin covers.
QUANTILE = 0.95
#: Steps in which the margin moves: a least one, in seconds, and a part of the margin itself.
_LEAST_STEP_S = 0.0002
_STEP_PART = 0.05


class Line:
    """A straight line through (x, y), by least squares with forgetting."""

    def __init__(self) -> None:
        self._weight = self._x = self._y = self._xx = self._xy = 0.0

    def add(self, x: float, y: float) -> None:
        """Takes note of a point."""
        self._weight = self._weight * _FORGETTING + 1.0
        self._x = self._x * _FORGETTING + x
        self._y = self._y * _FORGETTING + y
        self._xx = self._xx * _FORGETTING + x * x
        self._xy = self._xy * _FORGETTING + x * y

    @property
    def spread(self) -> bool:
        """Whether points at different x were seen, so that the line has a slope."""
        return self._weight * self._xx - self._x * self._x > 1e-9 * self._weight * self._xx

    def at(self, x: float) -> float:
        """Returns y on the line; neither its slope nor its start is ever negative."""
        if not self.spread:
            # One x only: all of y may be fixed cost or none; in proportion is the cautious reading for larger x.
            return self._y / self._x * x
        variance = self._weight * self._xx - self._x * self._x
        slope = max((self._weight * self._xy - self._x * self._y) / variance, 0.0)
        return max((self._y - slope * self._x) / self._weight, 0.0) + slope * x


@dataclass(slots=True)
class _Average:
    value: float
    count: int = 1

    def add(self, sample: float) -> None:
        self.count += 1
        self.value += max(_NEWEST, 1 / self.count) * (sample - self.value)


@dataclass(slots=True)
class _Length:
    """Runs of one padded length."""

    line: Line = field(default_factory=Line)
    runs: int = 0
    sizes: dict[int, _Average] = field(default_factory=dict)


class LatencyModel:
    """Predicts run times of one model on one kind of instance. Times in seconds, lengths in tokens."""

    def __init__(self, first_guess_s: float) -> None:
        self._guess = first_guess_s
        self._lengths: dict[int, _Length] = {}
        self._tokens = Line()

    def learn(self, items: int, elapsed_s: float, length: int = 1) -> None:
        """Takes note of a run of ``items`` items, all padded to ``length``."""
        known = self._lengths.setdefault(length, _Length())
        if known.runs >= _ENOUGH:
            expected_s = self.predict(items, length)
            elapsed_s = min(max(elapsed_s, expected_s / _OUTLIER), expected_s * _OUTLIER)
        known.runs += 1
        known.line.add(items, elapsed_s)
        self._tokens.add(items * length, elapsed_s)
        seen = known.sizes.get(items)
        if seen is None:
            known.sizes[items] = _Average(elapsed_s)
        else:
            seen.add(elapsed_s)

    def predict(self, items: int, length: int = 1) -> float:
        """Returns the expected time of a run of ``items`` items of a padded length."""
        known = self._lengths.get(length)
        if known is None:
            return self._tokens.at(items * length) if self._lengths else self._guess * items
        seen = known.sizes.get(items)
        if seen is not None and seen.count >= _ENOUGH:
            return seen.value
        if not known.line.spread and self._tokens.spread:
            return self._tokens.at(items * length)
        return known.line.at(items)

    def largest(self, seconds: float, limit: int, length: int = 1) -> int:
        """Returns the most items, at most ``limit``, whose run is expected within ``seconds``; maybe 0."""
        size = limit
        while size > 0 and self.predict(size, length) > seconds:
            size -= 1
        return size


class Typical:
    """The median of a time, tracked by small steps, so that one slow run changes little. In seconds."""

    __slots__ = ("seconds",)

    def __init__(self, first_guess_s: float) -> None:
        self.seconds = first_guess_s

    def learn(self, elapsed_s: float) -> None:
        """Takes note of a time; one far below what was thought is believed at once."""
        if elapsed_s < self.seconds:
            self.seconds = max(self.seconds * 0.95, elapsed_s) if elapsed_s > self.seconds / 4 else elapsed_s
        else:
            self.seconds *= 1.05


class Margin:
    """What to add to a predicted end so that few answers are later: a high quantile of how late they were.

    The quantile is tracked by small steps, up where an answer was later and down where it was not, so that a single
    stall of the machine, however long, moves it by one step.
    """

    def __init__(self, floor_s: float) -> None:
        self._floor = floor_s
        self._late = 0.0

    def learn(self, late_s: float) -> None:
        """Takes note of how much later than predicted an answer was ready; early ones count as in time."""
        step = _LEAST_STEP_S + _STEP_PART * self._late
        self._late += step * QUANTILE if late_s > self._late else -step * (1 - QUANTILE)
        self._late = max(self._late, 0.0)

    def correct(self, late_s: float) -> None:
        """Takes note of how late an answer was that the margin had said would be too late: up to half of it goes.

        Such answers are few, for what is refused teaches nothing: by steps it would take minutes.
        """
        self._late = max(min(late_s, self._late), self._late / 2)

    @property
    def seconds(self) -> float:
        """The margin now."""
        return self._floor + self._late
