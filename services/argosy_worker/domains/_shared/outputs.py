# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What every reader of a graph's outputs checks first."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.numbers import surely_within
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import EngineFault, InputRefused


def finite_output(outputs: Tensors, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """One output, checked.

    Args:
        shape: What it must be; -1 fits everything.

    Raises:
        EngineFault: absent, or of another shape.
        InputRefused: OUTPUT_NOT_FINITE, a value that is not finite: what was sent is beyond what the model can take.
    """
    if name not in outputs:
        raise EngineFault(f"the engine returned no output {name!r}")
    array = outputs[name]
    if array.shape != shape and not _fits(array.shape, shape):
        raise EngineFault(f"output {name!r} has the shape {list(array.shape)} instead of {list(shape)}")
    if not surely_within(array, math.inf) and not np.isfinite(array).all():
        raise not_finite(f"output {name!r} holds values that are not finite")
    return array


def not_finite(cause_text: str) -> InputRefused:
    """What is raised where a result is no finite number; ``cause_text`` is for the log."""
    return InputRefused(
        cause_text,
        "the model gives no finite number for these values: one of them is beyond what it can take",
        reason="OUTPUT_NOT_FINITE",
    )


def _fits(have: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(have) == len(wanted) and all(want in (-1, extent) for extent, want in zip(have, wanted, strict=True))
