# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Does padding change results? Checked when a model loads whose requests of different lengths would share a batch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_worker.engines.port import Engine, Tensors, TensorSpec
from argosy_worker.errors import EngineFault, ModelInvalid
from argosy_worker.scheduling.padding import Sequences, crop, stack
from argosy_worker.tensors import dtype_of

#: Lengths that are compared: one padded to the other.
SHORT, LONG = 5, 13


def check(engine: Engine, sequences: Sequences, tolerance: float) -> None:
    """Runs a short request alone and beside a long one; both results must agree.

    Raises:
        ModelInvalid: they differ, a named tensor is not there, or the model cannot be run so.
    """
    _check_names("inputs", sequences.inputs, engine.inputs)
    _check_names("outputs", sequences.outputs, engine.outputs)
    for spec in engine.inputs:
        if len(spec.shape) > 1 and spec.shape[1] == -1 and spec.name not in sequences.inputs:
            raise ModelInvalid(f"batching.sequences.inputs: '{spec.name}' has a variable length too: name it")
    short, long = _request(engine.inputs, sequences, SHORT), _request(engine.inputs, sequences, LONG)
    together = {name: stack(name, [short[name], long[name]], sequences) for name in short}
    try:
        alone, padded = engine.run(short), engine.run(together)
    except EngineFault as error:
        raise ModelInvalid(f"batching.sequences: the model cannot run on padded inputs: {error.cause_text}") from error
    for name, expected in alone.items():
        actual = crop(name, padded[name][:1], short, sequences)
        gap = _largest_gap(actual, expected)
        if gap > tolerance:
            raise ModelInvalid(
                f"batching.sequences: padding changes output '{name}' by {gap:.3g}, tolerated is {tolerance:g}: "
                "name the mask among the inputs, or remove the section so that only equal lengths share a batch"
            )


def _check_names(kind: str, named: Any, specs: tuple[TensorSpec, ...]) -> None:
    known = {spec.name: spec for spec in specs}
    for name in named:
        spec = known.get(name)
        if spec is None or len(spec.shape) < 2 or spec.shape[1] != -1 or spec.datatype == "BYTES":
            raise ModelInvalid(
                f"batching.sequences.{kind}: '{name}' is not a numeric tensor of shape [batch, length, ...] of the "
                "graph with a variable length"
            )


def _request(specs: tuple[TensorSpec, ...], sequences: Sequences, length: int) -> Tensors:
    """One item of small whole numbers, none of which is the padding's value where that can be."""
    return {spec.name: _values(spec, length if spec.name in sequences.inputs else 1) for spec in specs}


def _values(spec: TensorSpec, length: int) -> NDArray[Any]:
    shape = [1 if axis == 0 else length if extent < 0 else extent for axis, extent in enumerate(spec.shape)]
    return np.ones(shape, dtype_of(spec.datatype))


def _largest_gap(actual: NDArray[Any], expected: NDArray[Any]) -> float:
    if actual.shape != expected.shape:
        return float("inf")
    gaps = np.abs(actual.astype(np.float64) - expected.astype(np.float64))
    return float(np.max(gaps, initial=0.0)) if not np.isnan(gaps).any() else float("inf")
