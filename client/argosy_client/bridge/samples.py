# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Samples: inputs of a graph with the outputs that the framework gave for them."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client.bridge.graph import Graph, Value
from argosy_client.bridge.probe import inputs_for
from argosy_client.bridge.session import Arrays, Session
from argosy_client.domains.tensors import DTYPES, TEXTS


@dataclass(frozen=True, slots=True)
class Samples:
    """Inputs with outputs, arrays by name.

    Args:
        origin: Who computed the outputs: "framework" or "onnxruntime".
        made_up: Whether the inputs were made up.
    """

    inputs: dict[str, NDArray[Any]]
    outputs: dict[str, NDArray[Any]]
    origin: str
    made_up: bool

    def first(self, items: int) -> "Samples":
        """The first items alone."""
        cut = [{name: array[:items] for name, array in part.items()} for part in (self.inputs, self.outputs)]
        return Samples(cut[0], cut[1], self.origin, self.made_up)


def read_arrays(path: Path, values: tuple[Value, ...], what: str) -> dict[str, NDArray[Any]]:
    """Reads arrays for inputs or outputs of a graph from .npz (by name, or one alone) or .npy.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is of another format, or does not fit; says what is expected.
    """
    try:
        loaded = np.load(path, allow_pickle=False)
        arrays = {"": loaded} if isinstance(loaded, np.ndarray) else {name: loaded[name] for name in loaded.files}
    except (ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path}: is no .npz or .npy file of numbers or texts: {error}") from error
    names = [value.name for value in values]
    if not set(arrays) & set(names):
        if len(arrays) > len(names) or (len(arrays) < len(names) and what == "inputs"):
            raise ValueError(f"{path}: holds {', '.join(arrays)}, and the graph's {what} are {', '.join(names)}")
        arrays = dict(zip(_by_rank(arrays, values), arrays.values(), strict=True))
    unknown = sorted(set(arrays) - set(names))
    missing = sorted(set(names) - set(arrays)) if what == "inputs" else []
    if unknown or missing:
        trouble = f"{', '.join(unknown)}, which are none of them" if unknown else f"no {', '.join(missing)}"
        raise ValueError(f"{path}: the graph's {what} are {', '.join(names)}; the file has {trouble}")
    return {value.name: _fitting(arrays[value.name], value, path) for value in values if value.name in arrays}


def _by_rank(arrays: dict[str, NDArray[Any]], values: tuple[Value, ...]) -> list[str]:
    """Names of values that arrays without names of their own stand for: in order, a value of the same rank first."""
    free = list(values)
    chosen = []
    for array in arrays.values():
        best = next((value for value in free if _takes(value, array)), free[0])
        free.remove(best)
        chosen.append(best.name)
    return chosen


def _takes(value: Value, array: NDArray[Any]) -> bool:
    same_kind = (value.datatype == TEXTS) == (array.dtype.kind in "OSU")
    floats = value.datatype.startswith("FP") == (array.dtype.kind == "f")
    return same_kind and floats and (value.dims is None or len(value.dims) == array.ndim)


def _fitting(array: NDArray[Any], value: Value, path: Path) -> NDArray[Any]:
    if value.dims is not None and len(value.dims) != array.ndim:
        raise ValueError(f"{path}: '{value.name}' has the shape {list(array.shape)}; it must be {value.shape}")
    if value.datatype == TEXTS:
        return array.astype(np.object_)
    if array.dtype.kind in "OSU":
        raise ValueError(f"{path}: '{value.name}' holds texts; it must be {value.datatype}")
    return array.astype(DTYPES[value.datatype], copy=False)


def samples_for(graph: Graph, session: Session, given: Path | None, expected: Path | None, items: int) -> Samples:
    """The samples of a graph: the framework's own, where given; else what bare ONNX Runtime makes of the inputs.

    Args:
        given: File of inputs; None makes some up.
        expected: File of the outputs that the framework gave for them.
        items: Items to take or make up; 0 for a graph without a batch dimension.

    Raises:
        OSError: a file cannot be read.
        ValueError: files do not fit the graph, or each other; Refused where the graph runs on no inputs that could be
            made up.
    """
    if expected is not None and given is None:
        raise ValueError("--expected needs --samples, the inputs that it belongs to")
    batch = min(items, 1)
    if given is None:
        made = {name: _short(array) for name, array in inputs_for(graph, session, None, max(items, 1)).items()}
        return Samples(made, compute(session, made, batch), "onnxruntime", True)
    inputs = read_arrays(given, graph.inputs, "inputs")
    if items:
        counts = {name: len(array) for name, array in inputs.items()}
        if len(set(counts.values())) != 1 or not min(counts.values()):
            raise ValueError(f"{given}: its arrays must have the same number of items, 1 or more; they have {counts}")
    if expected is not None:
        return Samples(inputs, read_arrays(expected, graph.outputs, "outputs"), "framework", False)
    inputs = {name: array[:items] for name, array in inputs.items()} if items else inputs
    return Samples(inputs, compute(session, inputs, batch), "onnxruntime", False)


def compute(session: Session, inputs: Arrays, batch: int) -> dict[str, NDArray[Any]]:
    """What bare ONNX Runtime makes of inputs, so many items in a run; 0 runs them all at once."""
    count = len(next(iter(inputs.values()))) if inputs and batch else 0
    if count <= batch:
        return session.run(inputs)
    parts = [
        session.run({name: array[start : start + batch] for name, array in inputs.items()})
        for start in range(0, count, batch)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _short(array: NDArray[Any]) -> NDArray[Any]:
    """Numbers of few digits, which take less room as text."""
    return np.round(array, 2) if array.dtype.kind == "f" else array
