# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tries a graph on made-up inputs: what it does with a batch, whatever it declares."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client.bridge.graph import Graph, Value
from argosy_client.bridge.refused import Refused
from argosy_client.bridge.session import Arrays, Session
from argosy_client.domains.tensors import DTYPES, TEXTS

#: Extents tried for variable dimensions other than the batch, until the graph runs.
EXTENTS = (16, 32, 48, 64, 128, 224, 400, 16000)
#: Most numbers of an input that is made up.
LARGEST = 1 << 26
#: Items of the batch that is tried: odd, and no extent that a graph is likely to have fixed.
ITEMS = 3
#: Largest difference, relative to the largest value, between an item alone and in a batch.
TOLERANCE = 1e-3
_SEED = 20260101


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Args:
        size: Items that one run takes: 0 where it has no batch, 1 or 2 (any number).
        limits: Code and message of each thing that hinders.
    """

    size: int
    limits: tuple[tuple[str, str], ...] = ()


def batches(graph: Graph, session: Session, samples: Arrays | None) -> Outcome:
    """Runs items alone and together, and compares."""
    try:
        inputs = inputs_for(graph, session, samples, ITEMS)
    except Refused as alone:
        return Outcome(2, (("UNTRIED", f"it could not be tried on made-up inputs ({alone}): give --samples"),))
    singles = [session.run({name: array[n : n + 1] for name, array in inputs.items()}) for n in range(ITEMS)]
    rows = {name: {len(single[name]) if single[name].ndim else 0 for single in singles} for name in singles[0]}
    odd = next((name for name, counts in rows.items() if counts != {1}), None)
    if odd is not None:
        message = f"output '{odd}' has no row for each item, whatever it declares: each request is one run"
        return Outcome(0, (("NO_BATCH", message),))
    try:
        together = session.run(inputs)
    except Refused as refused:
        message = (
            f"it declares a variable batch and does not run on {ITEMS} items ({refused}): items are run one by one"
        )
        return Outcome(1, (("BATCH_IGNORED", message),))
    for name, array in together.items():
        if len(array) != ITEMS:
            message = f"output '{name}' has {len(array)} rows for {ITEMS} items: items are run one by one"
            return Outcome(1, (("BATCH_IGNORED", message),))
    if not graph.random:
        for name, array in together.items():
            gap = difference(array, np.concatenate([single[name] for single in singles]))
            if not gap <= TOLERANCE:
                message = (
                    f"output '{name}' of an item differs by {gap:.2g} (relative) with the items beside it: items are "
                    "run one by one"
                )
                return Outcome(1, (("ITEMS_MIX", message),))
    return Outcome(2)


def runs(graph: Graph, session: Session, samples: Arrays | None, items: int) -> str:
    """Says why the graph does not run on so many items; empty where it does."""
    try:
        session.run(inputs_for(graph, session, samples, items))
    except Refused as refused:
        return str(refused)
    return ""


def inputs_for(graph: Graph, session: Session, samples: Arrays | None, items: int) -> dict[str, NDArray[Any]]:
    """Inputs of so many items on which the graph runs one by one: samples, repeated, or made up with a fixed seed.

    Raises:
        Refused: it runs on none that could be made up.
    """
    if samples:
        return {name: np.resize(array, (items, *array.shape[1:])) for name, array in samples.items()}
    trouble = Refused("RUN_FAILED", "it has no inputs")
    variable = {value.name for value in graph.inputs if value.dims is None or isinstance((*value.dims, 0)[0], str)}
    for extent in EXTENTS:
        made = made_up(graph, items, extent)
        try:
            session.run({name: array[:1] if name in variable else array for name, array in made.items()})
        except Refused as refused:
            trouble = refused
            if not any(isinstance(dim, str) for value in graph.inputs for dim in (value.dims or ("?", "?"))[1:]):
                break
        else:
            return made
    raise trouble


def made_up(graph: Graph, items: int, extent: int) -> dict[str, NDArray[Any]]:
    """Arrays of every input's type and shape, with a fixed seed; variable dimensions but the first have an extent."""
    random = np.random.default_rng(_SEED)
    return {value.name: _array(value, items, extent, random) for value in graph.inputs}


def _array(value: Value, items: int, extent: int, random: np.random.Generator) -> NDArray[Any]:
    dims = (items, extent) if value.dims is None else value.dims
    shape = [extent if isinstance(dim, str) else dim for dim in dims]
    if shape and (isinstance(dims[0], str) or value.dims is None):
        shape[0] = items
    if math.prod(shape) > LARGEST:
        raise Refused("RUN_FAILED", f"input '{value.name}' {value.shape} is too large to be made up")
    name = value.name.lower()
    if value.datatype == TEXTS:
        return np.full(shape, "a", np.object_)
    dtype = DTYPES[value.datatype]
    if "mask" in name:
        return np.ones(shape, dtype)
    if dtype.kind in "iu":  # as likely as not places in a table, which may be short
        return random.integers(0, 2, shape).astype(dtype)
    return random.random(shape) < 0.5 if dtype.kind == "b" else random.standard_normal(shape).astype(dtype)


def difference(left: NDArray[Any], right: NDArray[Any]) -> float:
    """Largest absolute difference, relative to the largest finite value but at least to 1; infinite where shapes, texts
    or places of NaN differ."""
    if left.shape != right.shape:
        return float("inf")
    if not left.size:
        return 0.0
    if left.dtype.kind not in "fiub" or right.dtype.kind not in "fiub":
        texts = [[_text(value) for value in array.ravel()] for array in (left, right)]
        return 0.0 if texts[0] == texts[1] else float("inf")
    one, other = left.astype(np.float64), right.astype(np.float64)
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    with np.errstate(invalid="ignore"):
        gaps = np.where(same, 0.0, np.abs(one - other))
    finite = np.abs(other[np.isfinite(other)])
    gap = float(np.max(gaps)) / max(1.0, float(finite.max()) if finite.size else 1.0)
    return gap if gap == gap else float("inf")


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
