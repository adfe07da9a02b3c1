# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers of models. All are immutable; every one says which model and version answered, and how long it took."""

from collections.abc import Mapping
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
class Labelled:
    """Base of answers that are labels, best first."""

    labels: tuple[Label, ...]

    @property
    def best(self) -> Label:
        """The label with the highest score. Raises IndexError where there is none."""
        return self.labels[0]


@dataclass(frozen=True, slots=True)
class ImageResult(Labelled):
    """Labels of one image, best first."""

    model: str
    version: str
    timing: Timing


@dataclass(frozen=True, slots=True)
class AudioResult(Labelled):
    """Labels of one clip, best first; ``duration_s`` is the clip's length as received, in seconds."""

    duration_s: float
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
class Rendering:
    """A picture of an explanation: its type, such as "image/png", and its bytes."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ExplanationSummary:
    """What was explained, and how far it can be trusted.

    Args:
        method: Method that was used.
        target: Label or predicted value that was explained.
        value: Score of the target for the input as it was sent.
        base_value: Score of the target for the input without any of its parts.
        evaluation_count: Altered inputs on which the model ran.
        additivity_gap: How far base value and attributions together are from the value; None where they need not be.
        fidelity: Mean score while the most important parts are put back first, less that while they are taken away
            first; 0 is what a random order gives. None where it was not measured.
        rendering: The picture; None where none was asked for.
    """

    method: str
    target: str
    value: float
    base_value: float
    evaluation_count: int
    additivity_gap: float | None
    fidelity: float | None
    rendering: Rendering | None


@dataclass(frozen=True, slots=True, eq=False)
class TensorResult:
    """Outputs of a graph by name, read-only arrays of its types and shapes; texts are arrays of bytes objects."""

    outputs: Mapping[str, NDArray[Any]]
    model: str
    version: str
    timing: Timing
