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


def golden(stem: str, samples: Samples, batched: bool, relative: float = RELATIVE) -> dict[str, tuple[str, float]]:
    """Golden samples by their file, each with its text and its tolerance: one for each output, whose numbers may be of
    another size. Outputs that are not finite are left out: they equal nothing.

    Args:
        stem: Path of the first file without its ending.
        batched: Whether the first dimension is the batch.
        relative: Largest difference that is accepted, relative to the largest number of an output.
    """
    cut = samples.first(_items(samples)) if batched else samples
    inputs = {name: _tensor(array) for name, array in cut.inputs.items()}
    made: dict[str, tuple[str, float]] = {}
    for name, array in cut.outputs.items():
        if _finite(array):
            document = {"inputs": inputs, "outputs": {name: _tensor(array)}}
            file = f"{stem}-{len(made) + 1}.json" if made else f"{stem}.json"
            made[file] = json.dumps(document, ensure_ascii=False) + "\n", _tolerance(samples.outputs[name], relative)
    return made


def _tolerance(array: NDArray[Any], relative: float) -> float:
    """Largest absolute difference that is accepted in an output."""
    largest = float(np.abs(array.astype(np.float64)).max()) if array.dtype.kind == "f" and array.size else 0.0
    return float(f"{max(LEAST, relative * largest):.2g}")


def _items(samples: Samples) -> int:
    count = len(next(iter(samples.inputs.values())))
    numbers = sum(array.size for array in (*samples.inputs.values(), *samples.outputs.values())) / max(count, 1)
    return max(1, min(count, ITEMS, int(NUMBERS / max(numbers, 1))))


def _finite(array: NDArray[Any]) -> bool:
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


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
