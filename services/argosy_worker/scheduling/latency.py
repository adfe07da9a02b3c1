# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How long a run will take, learned from the runs that were.

A run of ``n`` items is taken to last ``fixed + per_item * n``; both are fitted by least squares over recent runs, older
ones counting less. A batch size that has been seen often enough is predicted from its own average instead, so that a
device whose times are not a straight line is still known. What the fit leaves open, and what happens between the
predicted end and the answer leaving the process, is learned as the margin.
"""

from dataclasses import dataclass

#: Weight that a run loses with each later run.
_FORGETTING = 0.98
#: Weight of the newest run in an average of one batch size.
_NEWEST = 0.2
#: Runs of one batch size after which its own average is believed.
_ENOUGH = 3
#: Part of the answers that the margin covers.
QUANTILE = 0.95
#: Steps in which the margin moves: a least one, in seconds, and a part of the margin itself.
_LEAST_STEP_S = 0.0002
_STEP_PART = 0.05


@dataclass(slots=True)
class _Average:
    value: float
    count: int = 1

    def add(self, sample: float) -> None:
        self.count += 1
        self.value += max(_NEWEST, 1 / self.count) * (sample - self.value)


class LatencyModel:
    """Predicts run times of one model on one kind of instance. Times in seconds."""

    def __init__(self, first_guess_s: float) -> None:
        self._guess = first_guess_s
        self._weight = self._x = self._y = self._xx = self._xy = 0.0
        self._sizes: dict[int, _Average] = {}

    def learn(self, items: int, elapsed_s: float) -> None:
        """Takes note of a run of ``items`` items."""
        self._weight = self._weight * _FORGETTING + 1.0
        self._x = self._x * _FORGETTING + items
        self._y = self._y * _FORGETTING + elapsed_s
        self._xx = self._xx * _FORGETTING + items * items
        self._xy = self._xy * _FORGETTING + items * elapsed_s
        seen = self._sizes.get(items)
        if seen is None:
            self._sizes[items] = _Average(elapsed_s)
        else:
            seen.add(elapsed_s)

    def predict(self, items: int) -> float:
        """Returns the expected time of a run of ``items`` items."""
        seen = self._sizes.get(items)
        if seen is not None and seen.count >= _ENOUGH:
            return seen.value
        fixed, per_item = self._line()
        return fixed + per_item * items

    def largest(self, seconds: float, limit: int) -> int:
        """Returns the most items, at most ``limit``, whose run is expected within ``seconds``; 0 where there are none."""
        if self.predict(limit) <= seconds:
            return limit
        fixed, per_item = self._line()
        guess = limit if per_item <= 0 else int((seconds - fixed) / per_item)
        size = max(min(guess, limit), 0)
        while size > 0 and self.predict(size) > seconds:
            size -= 1
        return size

    def _line(self) -> tuple[float, float]:
        if not self._weight:
            return 0.0, self._guess
        spread = self._weight * self._xx - self._x * self._x
        if spread <= 1e-9 * self._weight * self._xx:
            # One size only: all of it may be fixed cost or none; per item is the cautious reading for larger batches.
            return 0.0, self._y / self._x
        per_item = max((self._weight * self._xy - self._x * self._y) / spread, 0.0)
        return max((self._y - per_item * self._x) / self._weight, 0.0), per_item


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

    @property
    def seconds(self) -> float:
        """The margin now."""
        return self._floor + self._late
