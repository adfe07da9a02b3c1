# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A function whose parts act together, to be explained. It needs NumPy alone: other programs explain it, too."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def tangled(x: NDArray[Any]) -> NDArray[Any]:
    """A function of items [items, 6], the last part of which does nothing."""
    found: NDArray[Any] = 3 * x[:, 0] * x[:, 1] + np.tanh(x[:, 2] - x[:, 3]) * x[:, 0] + np.abs(x[:, 4])
    return found


ITEM = np.array([1.0, -2.0, 0.5, 1.5, -0.7, 9.0])
BACKGROUND = np.random.default_rng(7).normal(size=(4, 6))
