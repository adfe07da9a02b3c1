# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The best of many scores."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def products(vectors: NDArray[Any], vector: NDArray[Any]) -> NDArray[Any]:
    """Products [n] of vectors [n, dimensions] with one vector, on this thread alone.

    Memory sets the pace of large ones, so that BLAS gains nothing by its threads, which wait for one another on cores
    that others use too.
    """
    return np.asarray(np.einsum("nd,d->n", vectors, vector))


def best(scores: NDArray[Any], count: int) -> NDArray[np.intp]:
    """Positions of the ``count`` highest of ``scores`` [n], best first; equal scores in order of position.

    Finding the few best of many is linear: only they are sorted.
    """
    total = len(scores)
    if count >= total:
        return np.argsort(-scores, kind="stable")
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
