# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Checks of an array's values that cost next to nothing where all is well."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: More values than this overflow or lose too much in one sum of squares.
_FEW = 4096
#: Rounding of a sum of so many squares, in single precision, is far less than this part of it.
_SLACK = 0.99


def surely_within(values: NDArray[Any], most: float) -> bool:
    """Whether the values are finite and none is larger than ``most`` in magnitude, as one sum of their squares tells.

    No value can be larger than the root of that sum, which is not finite where a value is not. False means nothing:
    the sum may be large because values are many. Arrays of many values, or of no floating type, are not tried.
    """
    if values.dtype.kind != "f" or values.dtype.itemsize < 4 or values.size > _FEW:
        return False
    total = float(np.vdot(values, values))
    return math.isfinite(total) and total <= (most * most) * _SLACK
