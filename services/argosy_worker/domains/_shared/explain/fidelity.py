# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How far attributions can be trusted: the score while the most important parts are put back, or taken away, first."""

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain.game import Game, kept

#: Steps of a curve; each is one evaluation.
STEPS = 16
#: Most fillers before which the curves are drawn.
MOST_FILLERS = 4


def steps(parts: int) -> list[int]:
    """Numbers of parts at which the curves are looked at, from none to all.

    With each number there is its complement: else the curves of a random order would differ.
    """
    some = {round(parts * step / STEPS) for step in range(STEPS + 1)}
    return sorted(some | {parts - count for count in some})


def cost(parts: int, fillers: int) -> int:
    """Evaluations that :func:`fidelity` takes."""
    return 2 * len(steps(parts)) * min(fillers, MOST_FILLERS)


async def fidelity(game: Game, attributions: NDArray[np.float64]) -> float:
    """The mean of the insertion curve less that of the deletion curve (Petsiuk 2018); 0 for a random order.

    A mean over some of the game's fillers.
    """
    order = np.argsort(-attributions, kind="stable")
    insertion = kept(game.parts, order.tolist(), steps(game.parts))
    fillers = np.linspace(0, game.fillers - 1, min(game.fillers, MOST_FILLERS)).round().astype(np.intp)
    masks = np.tile(np.concatenate([insertion, ~insertion]), (len(fillers), 1))
    scores = (await game.play(masks, np.repeat(fillers, 2 * len(insertion)))).reshape(len(fillers), 2, -1)
    return float((scores[:, 0] - scores[:, 1]).mean())
