# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The items and users that a model knows, in the order of its graph."""

import csv
import io
from dataclasses import dataclass

from argosy_worker.domains._shared.assets import read_asset
from argosy_worker.domains._shared.graph import invalid
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import LoadedGraph

_HEADER = ["id", "name"]


@dataclass(frozen=True, slots=True)
class Items:
    """The catalogue."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    index: dict[str, int]

    def find(self, item_id: str, field: str) -> int:
        """Index of an item.

        Raises:
            InvalidInput: ITEM_UNKNOWN.
        """
        found = self.index.get(item_id)
        if found is None:
            shown = item_id if len(item_id) <= 100 else f"{item_id[:100]}..."
            text = f"the model's catalogue has no item {shown!r}" if item_id else "no item is named"
            raise InvalidInput(f"{field}: {text}", reason="ITEM_UNKNOWN", metadata={"field": field, "item_id": shown})
        return found


@dataclass(frozen=True, slots=True)
class Users:
    """The known users."""

    ids: tuple[str, ...]
    index: dict[str, int]


def load_items(graph: LoadedGraph, file: str) -> Items:
    """Reads the items.

    Raises:
        ModelInvalid: the file is absent, or no such CSV.
    """
    key = "recommendation.items_file"
    rows = csv.reader(io.StringIO(read_asset(graph.folder, key, file), newline=""), strict=True)
    try:
        if next(rows, None) != _HEADER:
            raise invalid(key, f"{file}:1: the header must be {','.join(_HEADER)}")
        entries = []
        for row in rows:
            if len(row) != len(_HEADER):
                raise invalid(key, f"{file}:{rows.line_num}: has {len(row)} columns instead of {len(_HEADER)}")
            entries.append((row[0], row[1]))
    except csv.Error as error:
        raise invalid(key, f"{file}:{rows.line_num}: {error}") from error
    ids = tuple(item_id for item_id, _ in entries)
    return Items(ids, tuple(name for _, name in entries), _indexed(key, file, ids))


def load_users(graph: LoadedGraph, file: str) -> Users:
    """Reads the users.

    Raises:
        ModelInvalid: the file is absent, or names a user twice.
    """
    key = "recommendation.users_file"
    ids = tuple(line.strip() for line in read_asset(graph.folder, key, file).rstrip().splitlines())
    return Users(ids, _indexed(key, file, ids))


def _indexed(key: str, file: str, ids: tuple[str, ...]) -> dict[str, int]:
    index = {name: number for number, name in enumerate(ids)}
    if not ids:
        raise invalid(key, f"{file}: holds no id")
    if "" in index:
        raise invalid(key, f"{file}: an id is empty")
    if len(index) != len(ids):
        repeated = next(name for number, name in enumerate(ids) if index[name] != number)
        raise invalid(key, f"{file}: the id {repeated!r} appears twice")
    return index
