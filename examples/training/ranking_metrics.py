# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How well a list is ranked whose entries are relevant in different degrees."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def ndcg(scores: NDArray[np.floating], grades: Sequence[int], best: int) -> float:
    """Normalised discounted cumulative gain of the ``best`` first entries, with gains of 2 to the grade less 1.

    Args:
        scores: Of each entry; the highest comes first, equal ones in their order.
        grades: How relevant each is, 0 for not at all.
        best: How many of the ranks count.
    """
    gains = 2.0 ** np.asarray(grades) - 1
    weights = 1 / np.log2(np.arange(2, 2 + min(best, len(gains))))
    found = gains[np.argsort(-np.asarray(scores), kind="stable")][: len(weights)]
    ideal = np.sort(gains)[::-1][: len(weights)]
    return float(found @ weights / (ideal @ weights)) if ideal.any() else 0.0
