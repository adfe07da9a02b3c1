# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What models recommend, and why."""

from collections.abc import Iterator
from dataclasses import dataclass

from argosy_client.results import Timing


@dataclass(frozen=True, slots=True)
class Reason:
    """An item of the history that speaks for a recommended one.

    Args:
        contribution: How much lower the recommended item's score would be without it; above 0.
    """

    item_id: str
    name: str
    contribution: float


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """One item of the catalogue with its score; ``name`` is empty where the catalogue has none.

    Args:
        reasons: Items of the history that weighed most, the weightiest first; empty where none were asked for.
    """

    item_id: str
    name: str
    score: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoredUser:
    """One known user with a score: cosine similarity of behaviour in [-1, 1]."""

    user_id: str
    score: float


@dataclass(frozen=True, slots=True)
class RankedItems:
    """Items, best first."""

    items: tuple[ScoredItem, ...]
    model: str
    version: str
    timing: Timing

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[ScoredItem]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class SimilarUsers:
    """Users, most similar first."""

    users: tuple[ScoredUser, ...]
    model: str
    version: str
    timing: Timing

    def __len__(self) -> int:
        return len(self.users)

    def __iter__(self) -> Iterator[ScoredUser]:
        return iter(self.users)
