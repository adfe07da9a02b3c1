# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Methods of explanation, none of which looks into the model. Each returns float64 [parts]."""

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain.game import Fillers, Game, Masks, without_each

Attributions = NDArray[np.float64]
#: About so many evaluations of Shapley values are drawn together.
_TOGETHER = 4096


async def occlusion(game: Game, whole: float) -> Attributions:
    """What the score loses where one part alone is taken away (Zeiler and Fergus 2014). Takes ``parts`` evaluations."""
    return whole - await game.play(without_each(game.parts))


async def rise(game: Game, evaluations: int, chance: np.random.Generator, keep: float = 0.5) -> Attributions:
    """The mean score where a part is kept, less that where it is not, over random masks (after RISE, Petsiuk 2018).

    Every mask is used with its opposite, so that each part is kept as often as not. Takes ``evaluations``, an even
    number of them.
    """
    half: Masks = chance.random((evaluations // 2, game.parts)) < keep
    masks = np.concatenate([half, ~half])
    scores = await game.play(masks)
    kept = masks.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = masks.T @ scores / kept - ~masks.T @ scores / (len(masks) - kept)
    importance: Attributions = np.nan_to_num(found, nan=0.0, posinf=0.0, neginf=0.0)
    return importance


def shapley_evaluations(parts: int, most: int) -> int:
    """How many of at most so many evaluations :func:`shapley` takes: whole pairs of orders, and one pair at least."""
    pair = 2 * (parts + 1)
    return max(most // pair, 1) * pair


async def shapley(game: Game, evaluations: int, chance: np.random.Generator) -> tuple[Attributions, float]:
    """Shapley values by random orders, each with its reverse (Castro 2009; Strumbelj and Kononenko 2014).

    In an order the parts are put back one by one, before one of the fillers; each gets what the score gains. The gains
    of an order add up to the whole score less that of its filler, and every filler is used about as often.

    Args:
        game: The game.
        evaluations: As of :func:`shapley_evaluations`.
        chance: Draws orders and fillers.

    Returns:
        The values, and the mean score of the fillers that were used.
    """
    parts = game.parts
    pair = 2 * (parts + 1)
    turns = _turns(evaluations // pair, game.fillers, chance)
    total, base = np.zeros(parts), 0.0
    together = max(_TOGETHER // pair, 1)
    for start in range(0, len(turns), together):
        fillers = turns[start : start + together]
        orders = chance.permuted(np.tile(np.arange(parts), (len(fillers), 1)), axis=1)
        places = np.argsort(np.concatenate([orders, orders[:, ::-1]]), axis=1)
        scores = await _put_back(game, places, np.tile(fillers, 2))
        total += np.take_along_axis(np.diff(scores, axis=1), places, axis=1).sum(axis=0)
        base += float(scores[:, 0].sum())
    count = 2 * len(turns)
    return total / count, base / count


async def _put_back(game: Game, places: NDArray[np.intp], fillers: Fillers) -> NDArray[np.float64]:
    """Scores while parts are put back one by one: [orders, parts + 1]; ``places`` are the parts' in each order."""
    steps = game.parts + 1
    scores = np.empty(len(places) * steps)
    for start in range(0, len(scores), game.batch):  # all masks at once would be large where parts are many
        order, step = np.divmod(np.arange(start, min(start + game.batch, len(scores))), steps)
        scores[start : start + game.batch] = await game.play(places[order] < step[:, None], fillers[order])
    return scores.reshape(len(places), steps)


def _turns(count: int, fillers: int, chance: np.random.Generator) -> NDArray[np.intp]:
    """So many fillers, each as often as the others but for one time, in random order."""
    rounds = [chance.permutation(fillers) for _ in range(-(-count // fillers))]
    return np.concatenate(rounds)[:count]
