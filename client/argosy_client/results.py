# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers of models. All are immutable; every one says which model and version answered, and how long it took."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Timing:
    """Where the time of a call went. Fields are empty or None where the server does not tell.

    Args:
        total_ms: Time of the whole call as the caller saw it, in ms.
        queue_ms: Time in the worker's queue, in ms.
        compute_ms: Time of the engine's run, shared by the whole batch, in ms.
        batch_size: Items in that run, of this call and others.
        replica: Worker that answered.
        device: Device that computed, such as "cpu" or "cuda:0".
    """

    total_ms: float
    queue_ms: float | None = None
    compute_ms: float | None = None
    batch_size: int | None = None
    replica: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """One class with the score that the model gave it; ``index`` is its place in the model's output."""

    label: str
    index: int
    score: float


@dataclass(frozen=True, slots=True)
class _Labelled:
    labels: tuple[Label, ...]

    @property
    def best(self) -> Label:
        """The label with the highest score. Raises IndexError where there is none."""
        return self.labels[0]


@dataclass(frozen=True, slots=True)
class ImageResult(_Labelled):
    """Labels of one image, best first."""

    model: str
    version: str
    timing: Timing


@dataclass(frozen=True, slots=True)
class AudioResult(_Labelled):
    """Labels of one clip, best first; ``duration_s`` is the clip's length as received, in seconds."""

    duration_s: float
    model: str
    version: str
    timing: Timing


@dataclass(frozen=True, slots=True)
class TextResult(_Labelled):
    """Labels of one text, best first.

    Args:
        truncated: Whether the text was cut to the model's length.
        token_count: Tokens that the model saw, without padding.
    """

    truncated: bool
    token_count: int
    model: str
    version: str
    timing: Timing


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """Tokens of one text, without padding: ``ids`` int32 of shape [tokens], and each as text."""

    ids: NDArray[np.int32]
    tokens: tuple[str, ...]
    truncated: bool
    model: str
    version: str
    timing: Timing


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """One vector for each item, in the order of the items. NumPy takes it as the array that it holds.

    Args:
        vectors: float32 of shape [items, dimensions], read-only.
        truncated: For texts, whether each was cut to the model's length; empty for images.
    """

    vectors: NDArray[np.float32]
    model: str
    version: str
    timing: Timing
    truncated: tuple[bool, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the vectors, (items, dimensions)."""
        return self.vectors.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.vectors, dtype=dtype, copy=True) if copy else np.asarray(self.vectors, dtype=dtype)

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, index: Any) -> NDArray[np.float32]:
        row: NDArray[np.float32] = self.vectors[index]
        return row


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


@dataclass(frozen=True, slots=True)
class TabularResult:
    """Prediction for one row or sequence.

    Args:
        values: Predicted values of a regression, one for each target; empty for classes.
        classes: Classes with probabilities, best first; empty for a regression.
    """

    values: tuple[float, ...]
    classes: tuple[Label, ...]
    model: str
    version: str
    timing: Timing
