# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The best of many scores."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Scores of which the highest is looked at first, and how many such blocks there must be for each that is wanted.
_BLOCK, _BLOCKS = 256, 16


def products(vectors: NDArray[Any], vector: NDArray[Any]) -> NDArray[Any]:
    """Products [n] of vectors [n, dimensions] with one vector, on this thread alone.

    Memory sets the pace of large ones, so that BLAS gains nothing by its threads, which wait for one another on cores
    that others use too.
    """
    return np.asarray(np.einsum("nd,d->n", vectors, vector))


def best(scores: NDArray[Any], count: int) -> NDArray[np.intp]:
    """Positions of the ``count`` highest of ``scores`` [n], all finite, best first; equal ones in order of position.

    Finding the few best of many is linear: only they are sorted.
    """
    total = len(scores)
    if count >= total:
        return np.argsort(-scores, kind="stable")
    if count * _BLOCK * _BLOCKS < total:
        # As many blocks as are wanted have a score of at least this, so that no lower one can be among the best.
        highest = scores[: total // _BLOCK * _BLOCK].reshape(-1, _BLOCK).max(axis=1)
        few = np.flatnonzero(scores >= np.partition(highest, len(highest) - count)[len(highest) - count])
        return few[_best(scores[few], count)] if len(few) > count else few[np.argsort(-scores[few], kind="stable")]
    return _best(scores, count)


def _best(scores: NDArray[Any], count: int) -> NDArray[np.intp]:
    """As :func:`best`, for fewer than there are."""
    total = len(scores)
    least = np.partition(scores, total - count)[total - count]
    above = np.flatnonzero(scores > least)
    tied = np.flatnonzero(scores == least)[: count - len(above)]
    chosen = np.concatenate([above, tied])
    return chosen[np.argsort(-scores[chosen], kind="stable")]


def best_allowed(scores: NDArray[Any], count: int, excluded: NDArray[np.intp]) -> NDArray[np.intp]:
    """As :func:`best`, without the positions ``excluded``, in which a position may appear more than once."""
    without = np.unique(excluded)
    chosen = best(scores, count + len(without))
    return chosen[np.isin(chosen, without, invert=True)][:count]
