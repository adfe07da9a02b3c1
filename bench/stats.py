# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Figures of repeated rounds: the middle one, with the least and the most beside it."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, minimum and maximum of one figure over all rounds."""

    median: float
    low: float
    high: float

    def text(self, digits: int) -> str:
        """For people, such as ``1.25 (1.20-1.31)``."""
        return f"{self.median:,.{digits}f} ({self.low:,.{digits}f}-{self.high:,.{digits}f})"


def spread(values: Iterable[float]) -> Spread:
    """Sums up the values of all rounds.

    Raises:
        ValueError: there is none.
    """
    found = list(values)
    if not found:
        raise ValueError("no round was measured")
    return Spread(statistics.median(found), min(found), max(found))


@dataclass(frozen=True, slots=True)
class Bound:
    """A promise about a figure: its median stays on the right side of ``limit``."""

    name: str
    measured: Spread
    limit: float
    aim: float | None = None
    """Better than the limit, and not yet a promise."""
    at_least: bool = False
    """Whether the limit is the least that is promised, not the most."""

    @property
    def passed(self) -> bool:
        """Whether the promise is kept."""
        median = self.measured.median
        return median >= self.limit if self.at_least else median <= self.limit

    @property
    def verdict(self) -> str:
        """``PASS`` or ``FAIL``."""
        return "PASS" if self.passed else "FAIL"
