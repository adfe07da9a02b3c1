# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""White noise of a stated level, the same for training and for ``make quality``."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def in_noise(clip: NDArray[Any], seed: int) -> NDArray[np.float32]:
    """A clip [samples] in white noise, 10 dB below the power of its louder samples."""
    loud = clip[np.abs(clip) > 0.02 * np.abs(clip).max()]
    level = np.sqrt(np.mean(loud.astype(np.float64) ** 2)) * 10 ** (-10 / 20)
    return np.asarray(clip + level * np.random.default_rng(seed).standard_normal(len(clip)), np.float32)
