# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How a cost grows with the work: by which power of it, from each size to the next."""

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

#: Growth by more than this power is no straight line any more.
NOT_STRAIGHT = 1.5


@dataclass(slots=True)
class Cost:
    """One cost at growing sizes; each has one value of every round."""

    name: str
    unit: str
    of: str
    """What there is more and more of."""
    digits: int = 1
    floor: float = 1e-9
    """What cannot be told from nothing: smaller values count as this in the exponents."""
    judged: bool = True
    """Whether it may be promised: not a time on the clock, which waits for the neighbours too."""
    values: dict[int, list[float]] = field(default_factory=dict)

    def add(self, size: int, value: float) -> None:
        """Takes note of a measurement."""
        self.values.setdefault(size, []).append(value)

    @property
    def medians(self) -> Mapping[int, float]:
        """The middle of all rounds at each size, small sizes first."""
        return {size: statistics.median(self.values[size]) for size in sorted(self.values)}

    @property
    def exponents(self) -> Sequence[float]:
        """The power of each step: 0 where it costs the same, 1 in proportion, 2 with the square."""
        found = list(self.medians.items())
        return [
            math.log(max(after, self.floor) / max(before, self.floor)) / math.log(larger / smaller)
            for (smaller, before), (larger, after) in itertools.pairwise(found)
        ]

    def row(self) -> tuple[str, ...]:
        """For a table: cost, sizes, values, exponents."""
        medians = self.medians
        return (
            f"{self.name}, {self.unit}",
            f"{' / '.join(_short(size) for size in medians)} {self.of}",
            " / ".join(f"{value:,.{self.digits}f}" for value in medians.values()),
            " / ".join(f"{exponent:.2f}" for exponent in self.exponents),
        )


def _short(size: int) -> str:
    for limit, letter in ((10**6, "M"), (10**3, "K")):
        if size >= limit and size % limit == 0:
            return f"{size // limit}{letter}"
    return str(size)
