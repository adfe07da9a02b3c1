# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reading a catalogue: a CSV table, or NumPy arrays in one ``.npz`` where items have vectors.

One file holds all of a catalogue, so that one rename replaces all of it.
"""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.assets import read_asset
from argosy_worker.domains._shared.graph import invalid
from argosy_worker.domains.recommendation.catalogue import Items, indexed
from argosy_worker.domains.recommendation.filters import read_attribute
from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.scan import asset
from argosy_worker.repository.sections.recommendation import RecommendationSection

_KEY = "recommendation.items_file"
#: Arrays of an ``.npz`` that are no attributes.
_IDS, _NAMES, _VECTORS = "ids", "names", "vectors"


def load_items(graph: LoadedGraph, section: RecommendationSection) -> Items:
    """Reads the items, with their vectors where the section has an index.

    Raises:
        ModelInvalid: the file is absent, or does not hold what it has to.
    """
    file = section.items_file
    if not file.endswith(".npz"):
        if section.index is not None:
            raise invalid(_KEY, f"{file}: must be an .npz file, which holds the vectors of recommendation.index")
        ids, names, columns = _read_csv(file, read_asset(graph.folder, _KEY, file))
        return _items(section, ids, names, columns, None)
    arrays = _read_arrays(graph, file)
    ids = _texts(file, arrays, _IDS)
    names = _texts(file, arrays, _NAMES) if _NAMES in arrays else ("",) * len(ids)
    vectors = _vectors(file, arrays, len(ids)) if section.index is not None else None
    others = {name: _texts(file, arrays, name) for name in arrays if name not in (_IDS, _NAMES, _VECTORS)}
    for name, cells in {_NAMES: names, **others}.items():
        if len(cells) != len(ids):
            raise invalid(_KEY, f"{file}: {name} has {len(cells)} entries for {len(ids)} ids")
    return _items(section, ids, names, others, vectors)


def _items(
    section: RecommendationSection,
    ids: tuple[str, ...],
    names: tuple[str, ...],
    columns: Mapping[str, Sequence[str]],
    vectors: NDArray[Any] | None,
) -> Items:
    file, popularity = section.items_file, None
    index = indexed(_KEY, file, ids)
    if section.popularity is not None:
        popularity = _popularity(file, section.popularity, columns)
    attributes = {name: read_attribute(cells) for name, cells in columns.items() if name != section.popularity}
    return Items(ids, names, index, attributes, popularity, vectors)


def _read_csv(file: str, text: str) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, list[str]]]:
    """Ids, names, and the other columns by name."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(rows, [])
        if header[:2] != ["id", "name"]:
            raise invalid(_KEY, f"{file}:1: the header must begin with id,name")
        if len(set(header)) != len(header) or "" in header:
            raise invalid(_KEY, f"{file}:1: each column needs a name of its own")
        table = []
        for row in rows:
            if len(row) != len(header):
                raise invalid(_KEY, f"{file}:{rows.line_num}: has {len(row)} columns instead of {len(header)}")
            table.append(row)
    except csv.Error as error:
        raise invalid(_KEY, f"{file}:{rows.line_num}: {error}") from error
    columns = {name: [row[place] for row in table] for place, name in enumerate(header)}
    return tuple(columns.pop("id")), tuple(columns.pop("name")), columns


def _read_arrays(graph: LoadedGraph, file: str) -> dict[str, NDArray[Any]]:
    path = asset(graph.folder, file)
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise invalid(_KEY, f"{file}: is no .npz file of plain arrays: {error}") from error


def _texts(file: str, arrays: Mapping[str, NDArray[Any]], name: str) -> tuple[str, ...]:
    """One array of texts, or of numbers as texts."""
    array = arrays.get(name)
    if array is None or array.ndim != 1:
        raise invalid(_KEY, f"{file}: must hold {name}, an array of one dimension")
    texts: list[str] = array.astype(np.str_).tolist()
    return tuple(texts)


def _vectors(file: str, arrays: Mapping[str, NDArray[Any]], items: int) -> NDArray[Any]:
    array = arrays.get(_VECTORS)
    if array is None or array.ndim != 2 or array.dtype.kind != "f" or array.shape[0] != items:
        raise invalid(_KEY, f"{file}: must hold {_VECTORS}, floating-point numbers of shape [{items}, dimensions]")
    vectors = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(vectors).all():
        raise invalid(_KEY, f"{file}: {_VECTORS} holds numbers that are not finite")
    return vectors


def _popularity(file: str, name: str, columns: Mapping[str, Sequence[str]]) -> NDArray[Any]:
    try:
        numbers = np.array(columns[name], np.str_).astype(np.float32)
    except KeyError as error:
        raise invalid("recommendation.popularity", f"{file} has no column {name!r}") from error
    except ValueError as error:
        raise _no_numbers(file, name) from error
    if not np.isfinite(numbers).all():
        raise _no_numbers(file, name)
    return np.asarray(numbers)


def _no_numbers(file: str, name: str) -> ModelInvalid:
    return invalid("recommendation.popularity", f"{file}: the column {name!r} must hold a finite number for each item")
