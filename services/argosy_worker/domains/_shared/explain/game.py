# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The question that every explanation asks: what does the model say where some parts of the input are taken away?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import Call

#: Which parts are kept: bool [evaluations, parts].
Masks = NDArray[np.bool_]
#: Which of the game's fillers stands in for what is taken away: int [evaluations].
Fillers = NDArray[np.intp]


@dataclass(slots=True)
class Game:
    """An input whose parts can be taken away, and the score of a target.

    Every method of explanation plays it; the domain says what its parts are and what stands in their place.
    """

    call: Call
    parts: int
    inputs: Callable[[Masks, Fillers], Tensors]
    """Makes the graph's inputs, one item for each row of the masks."""
    score: Callable[[Tensors, int], NDArray[Any]]
    """Reads the target's score of so many items from the outputs: [items]."""
    fillers: int = 1
    """How many there are to stand in for what is taken away, such as rows of a background."""
    item_bytes: int = 0
    """About the size of one item of the inputs; large ones are made in a thread."""
    evaluations: int = field(init=False, default=0)

    async def play(self, masks: Masks, fillers: Fillers | None = None) -> NDArray[np.float64]:
        """Scores the input with only the parts that each mask keeps, behind all other calls.

        Args:
            masks: bool [evaluations, parts].
            fillers: int [evaluations]; None takes the first everywhere.

        Returns:
            float64 [evaluations].

        Raises:
            argosy_worker.errors.ArgosyError: see :meth:`Call.infer`.
        """
        chosen = np.zeros(len(masks), np.intp) if fillers is None else fillers
        scores = []
        for start in range(0, len(masks), self.batch):
            some, stand_ins = masks[start : start + self.batch], chosen[start : start + self.batch]
            size = self.item_bytes * len(some)
            inputs = await self.call.offload(self.inputs, some, stand_ins, payload_bytes=size)
            scores.append(self.score(await self.call.infer_behind(inputs), len(some)))
        self.evaluations += len(masks)
        return np.concatenate(scores).astype(np.float64) if scores else np.zeros(0)

    @property
    def batch(self) -> int:
        """Evaluations that the model makes in one run."""
        return max(self.call.config.batching.max_batch_size, 1)

    async def whole(self) -> float:
        """The score of the input as it was sent."""
        return float((await self.play(np.ones((1, self.parts), bool)))[0])

    async def empty(self) -> float:
        """The mean score where everything is taken away, over all fillers."""
        masks = np.zeros((self.fillers, self.parts), bool)
        return float((await self.play(masks, np.arange(self.fillers))).mean())


def without_each(parts: int) -> Masks:
    """Masks that take away one part each: [parts, parts]."""
    masks: Masks = ~np.eye(parts, dtype=bool)
    return masks


def kept(parts: int, order: Sequence[int], counts: Sequence[int]) -> Masks:
    """Masks that keep the first so many parts of an order: [counts, parts]."""
    masks = np.zeros((len(counts), parts), bool)
    for row, count in enumerate(counts):
        masks[row, list(order[:count])] = True
    return masks
