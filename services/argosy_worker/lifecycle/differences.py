# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How far the answers of a version are from those of the stable one, on copies of the same calls."""

import asyncio
import bisect
from typing import TYPE_CHECKING

import numpy as np

from argosy_worker.engines.port import Tensors
from argosy_worker.errors import ArgosyError
from argosy_worker.scheduling.work import Terms

if TYPE_CHECKING:
    from argosy_worker.lifecycle.served import ServedModel

#: Largest absolute difference of any number in an answer; what cannot be compared is infinitely far.
BOUNDS = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, float("inf"))
#: Most comparisons under way; further copies are not compared.
_MOST = 4
#: Numbers in an answer that are compared on the event loop; a thread would cost more than so few.
_INLINE = 10_000


class Differences:
    """Differences of one version, counted by the bounds that they keep. For one event loop."""

    def __init__(self) -> None:
        self.counts = [0] * len(BOUNDS)
        self.sum = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    def compare_later(self, stable: "ServedModel", inputs: Tensors, outputs: Tensors, terms: Terms) -> None:
        """Has the stable version answer as well, behind all other calls, and takes note of the difference."""
        if len(self._tasks) < _MOST:
            task = asyncio.create_task(self._compare(stable, inputs, outputs, terms))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def buckets(self) -> list[tuple[str, float]]:
        """Counts as a histogram has them: of each bound, all that keep it."""
        totals = np.cumsum(self.counts).tolist()
        return [("+Inf" if bound == float("inf") else str(bound), n) for bound, n in zip(BOUNDS, totals, strict=True)]

    async def _compare(self, stable: "ServedModel", inputs: Tensors, outputs: Tensors, terms: Terms) -> None:
        stable.usage.hold()  # a copy does not make it recently used
        try:
            result = await stable.infer(inputs, terms)
        except ArgosyError:
            return  # overloaded, or leaving: there is nothing to compare with
        finally:
            stable.usage.release()
        if sum(output.size for output in outputs.values()) > _INLINE:
            found = await asyncio.to_thread(difference, outputs, result.outputs)
        else:
            found = difference(outputs, result.outputs)
        self.counts[bisect.bisect_left(BOUNDS, found)] += 1
        self.sum += found if np.isfinite(found) else 0.0


def difference(one: Tensors, other: Tensors) -> float:
    """The largest absolute difference of any number in two answers.

    Infinite where they do not have the same outputs in the same shapes, where a text differs, or where one of two
    numbers is none.
    """
    if one.keys() != other.keys():
        return float("inf")
    return max((_of_arrays(one[name], other[name]) for name in one), default=0.0)


def _of_arrays(one: np.ndarray, other: np.ndarray) -> float:
    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return float("inf")
    if one.dtype.kind not in "fiub":
        return 0.0 if np.array_equal(one, other) else float("inf")
    if not one.size:
        return 0.0
    first, second = one.astype(np.float64, copy=False), other.astype(np.float64, copy=False)
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    with np.errstate(invalid="ignore"):
        apart = np.where(same, 0.0, np.abs(first - second))
    return float(np.nan_to_num(apart, nan=np.inf, posinf=np.inf).max())
