# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The items and users that a model knows, in the order of its graph or of its vectors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from argosy_worker.domains._shared.assets import read_asset
from argosy_worker.domains._shared.graph import invalid
from argosy_worker.domains.recommendation.filters import Attribute
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import LoadedGraph


@dataclass(frozen=True, slots=True)
class Items:
    """The catalogue."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    index: Mapping[str, int]
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    popularity: NDArray[Any] | None = None
    """FP32 [items], higher is better; None where nothing is declared for somebody without history."""
    vectors: NDArray[Any] | None = None
    """FP32 [items, dimensions]; None where the graph scores items by itself."""

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
    index: Mapping[str, int]


def load_users(graph: LoadedGraph, file: str) -> Users:
    """Reads the users.

    Raises:
        ModelInvalid: the file is absent, or names a user twice.
    """
    key = "recommendation.users_file"
    ids = tuple(line.strip() for line in read_asset(graph.folder, key, file).rstrip().splitlines())
    return Users(ids, indexed(key, file, ids))


def indexed(key: str, file: str, ids: tuple[str, ...]) -> dict[str, int]:
    """Positions of ids.

    Raises:
        ModelInvalid: there is none, one is empty, or one appears twice.
    """
    index = {name: number for number, name in enumerate(ids)}
    if not ids:
        raise invalid(key, f"{file}: holds no id")
    if "" in index:
        raise invalid(key, f"{file}: an id is empty")
    if len(index) != len(ids):
        repeated = next(name for number, name in enumerate(ids) if index[name] != number)
        raise invalid(key, f"{file}: the id {repeated!r} appears twice")
    return index
