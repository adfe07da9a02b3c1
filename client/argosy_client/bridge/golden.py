# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Writes samples as golden samples of tensors."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client.bridge.samples import Samples
from argosy_client.domains.tensors import datatype_of

#: Items of a golden sample, and the numbers that it holds at most unless one item has more.
ITEMS = 4
NUMBERS = 100_000
#: Largest difference that a golden sample accepts, relative to the largest expected number, and at least.
RELATIVE = 1e-3
LEAST = 1e-4


def golden(samples: Samples, batched: bool) -> str:
    """The text of a golden sample's file. Outputs that are not finite are left out: they equal nothing."""
    cut = samples.first(_items(samples)) if batched else samples
    outputs = {name: array for name, array in cut.outputs.items() if _finite(array)}
    document = {
        "inputs": {name: _tensor(array) for name, array in cut.inputs.items()},
        "outputs": {name: _tensor(array) for name, array in outputs.items()},
    }
    return json.dumps(document, ensure_ascii=False) + "\n"


def tolerance(samples: Samples, relative: float = RELATIVE) -> float:
    """Largest absolute difference that the golden sample accepts."""
    largest = max(
        (float(np.abs(array.astype(np.float64)).max()) for array in samples.outputs.values() if _measurable(array)),
        default=0.0,
    )
    return float(f"{max(LEAST, relative * largest):.2g}")


def _items(samples: Samples) -> int:
    count = len(next(iter(samples.inputs.values())))
    numbers = sum(array.size for array in (*samples.inputs.values(), *samples.outputs.values())) / max(count, 1)
    return max(1, min(count, ITEMS, int(NUMBERS / max(numbers, 1))))


def _finite(array: NDArray[Any]) -> bool:
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def _measurable(array: NDArray[Any]) -> bool:
    return array.dtype.kind in "fiu" and array.size > 0 and _finite(array)


def _tensor(array: NDArray[Any]) -> dict[str, Any]:
    return {
        "datatype": datatype_of(array),
        "shape": list(array.shape),
        "data": [_plain(value) for value in array.ravel()],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, np.floating):  # the shortest text that is this number in its own type
        return float(str(value))
    return value.item() if isinstance(value, np.generic) else value
