# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How far attributions can be trusted: the score while the most important parts are put back, or taken away, first."""

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain.game import Game, kept

#: Steps of a curve; each is one evaluation.
STEPS = 16


def steps(parts: int) -> list[int]:
    """Numbers of parts at which the curves are looked at, from none to all."""
    return sorted({round(parts * step / STEPS) for step in range(STEPS + 1)})


def cost(parts: int) -> int:
    """Evaluations that :func:`fidelity` takes."""
    return 2 * len(steps(parts))


async def fidelity(game: Game, attributions: NDArray[np.float64]) -> float:
    """The mean of the insertion curve less that of the deletion curve (Petsiuk 2018); 0 for a random order."""
    order = np.argsort(-attributions, kind="stable")
    counts = steps(game.parts)
    insertion = kept(game.parts, order.tolist(), counts)
    scores = await game.play(np.concatenate([insertion, ~insertion]))
    return float(scores[: len(counts)].mean() - scores[len(counts) :].mean())
