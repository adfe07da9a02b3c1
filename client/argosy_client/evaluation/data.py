# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads labelled data: a folder of folders, CSV, JSON, JSON lines or .npz."""

import csv
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Columns, keys or arrays that hold the truth, where none is named.
TRUTHS = ("label", "labels", "target", "targets", "class", "y", "transcript")
#: What a domain's input is called.
_INPUTS = {"vision": "file", "speech": "file", "nlp": "text", "recommendation": "history", "tabular": "features"}


@dataclass(frozen=True, slots=True)
class Cases:
    """Inputs with the truth about each, as many of one as of the other.

    Args:
        inputs: What the domain's call takes; for tensors one array for each input, by name.
        truths: Names or numbers of classes, values, transcripts, or ids of items.
    """

    inputs: list[Any] | dict[str, NDArray[Any]]
    truths: list[Any]


def read(path: Path, domain: str, truth: str | None, typed: bool) -> Cases:
    """Reads labelled data.

    Args:
        domain: Domain of the model.
        truth: Column, key or array that holds the truth; None takes the first of the usual names.
        typed: Whether the model has methods; else inputs are tensors by name.

    Raises:
        OSError: something cannot be read.
        ValueError: it is of no known format, or holds no case; says what is expected.
    """
    if path.is_dir():
        cases = _folder(path)
    elif path.suffix == ".npz":
        cases = _arrays(path, domain, truth, typed)
    elif not typed:
        raise ValueError(f"{path}: a model without methods takes .npz, with an array for each input and one of labels")
    elif path.suffix in (".csv", ".json", ".jsonl"):
        cases = _rows(path, _records(path), domain, truth)
    else:
        raise ValueError(f"{path}: labelled data are a folder of folders, .csv, .json, .jsonl or .npz")
    if not cases.truths:
        raise ValueError(f"{path}: holds no labelled case")
    return cases


def _folder(path: Path) -> Cases:
    files = sorted(file for file in path.glob("*/*") if file.is_file() and not file.name.startswith("."))
    return Cases([*files], [file.parent.name for file in files])


def _records(path: Path) -> list[Mapping[str, Any]]:
    text = path.read_text("utf-8-sig")
    try:
        if path.suffix == ".csv":
            return [*csv.DictReader(text.splitlines(keepends=True))]
        read = json.loads(text) if path.suffix == ".json" else [json.loads(line) for line in text.splitlines() if line]
    except ValueError as error:
        raise ValueError(f"{path}: cannot be read: {error}") from error
    if not isinstance(read, list) or not all(isinstance(row, dict) for row in read):
        raise ValueError(f"{path}: must be a list of objects")
    return read


def _rows(path: Path, rows: list[Mapping[str, Any]], domain: str, truth: str | None) -> Cases:
    if not rows:
        return Cases([], [])
    column = _column(path, rows[0], truth)
    name = _INPUTS[domain]
    inputs: list[Any] = []
    for number, row in enumerate(rows, 1):
        try:
            inputs.append(_input(row, domain, name, column, path.parent))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: row {number}: needs '{name}' and '{column}': {error}") from error
    return Cases(inputs, [row.get(column) for row in rows])


def _column(path: Path, first: Iterable[str], truth: str | None) -> str:
    names = [*first]
    column = next((name for name in ([truth] if truth else TRUTHS) if name in names), None)
    if column is None:
        raise ValueError(f"{path}: has {', '.join(names)}; the truth is in '{truth or 'label'}': name it with --truth")
    return column


def _input(row: Mapping[str, Any], domain: str, name: str, truth: str, folder: Path) -> Any:
    if domain == "tabular":
        features = row.get(name)
        named = features if isinstance(features, dict) else {key: row[key] for key in row if key != truth}
        return {key: float(value) for key, value in named.items()}
    value = row[name]
    if domain in ("vision", "speech"):
        return folder / str(value)
    if domain == "recommendation":
        return value.split() if isinstance(value, str) else [str(item) for item in value]
    return str(value)


def _arrays(path: Path, domain: str, truth: str | None, typed: bool) -> Cases:
    try:
        with np.load(path, allow_pickle=False) as loaded:
            arrays = {name: loaded[name] for name in loaded.files}
    except (ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path}: cannot be read as arrays: {error}") from error
    column = _column(path, arrays, truth)
    truths = arrays.pop(column).tolist()
    if not arrays:
        raise ValueError(f"{path}: holds no inputs beside '{column}'")
    if not typed:
        return Cases(arrays, truths)
    if domain == "speech" and {"data", "offsets"} <= set(arrays):  # files behind one another
        data, offsets = arrays["data"], arrays["offsets"]
        return Cases([data[start:end].tobytes() for start, end in pairwise(offsets.tolist())], truths)
    if domain not in ("vision", "tabular"):
        raise ValueError(f"{path}: {domain} takes .csv, .json or .jsonl")
    return Cases([*next(iter(arrays.values()))], truths)
