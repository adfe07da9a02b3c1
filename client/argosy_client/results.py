# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers of models. All are immutable; every one says which model and version answered, and how long it took."""

from collections.abc import Iterator, Mapping
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
class FeatureAttribution:
    """The part that a feature has in a score, or in a prediction; positive speaks for it."""

    feature: str
    attribution: float


@dataclass(frozen=True, slots=True)
class Anomaly:
    """How unusual a row or sequence is.

    Args:
        score: Higher is more unusual.
        threshold: Score from which on it counts as an anomaly.
        anomalous: Whether the score reaches the threshold.
        features: Part of the score that each feature has, in the model's order; empty where the model does not tell.
    """

    score: float
    threshold: float
    anomalous: bool
    features: tuple[FeatureAttribution, ...]


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row has no prediction; ``reason`` is for programs, such as "FEATURE_MISSING"."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class TabularResult:
    """Prediction for one row or sequence.

    Args:
        values: Predicted values of a regression, one for each target; empty for other models.
        classes: Classes with probabilities, best first; empty for other models.
        anomaly: Verdict of a model that detects anomalies; None for other models.
        error: Why there is no prediction, where errors are reported; None where there is one.
    """

    values: tuple[float, ...]
    classes: tuple[Label, ...]
    model: str
    version: str
    timing: Timing
    anomaly: Anomaly | None = None
    error: RowError | None = None


@dataclass(frozen=True, slots=True)
class StreamedPrediction:
    """Prediction for one position of the window over a stream, or the error of a reading that was left out of it.

    Args:
        reading_count: Readings that had arrived up to the end of the window.
        result: The prediction; its timing is the time since the stream began.
    """

    reading_count: int
    result: TabularResult


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text; ends are exclusive. Characters are Unicode code points, as in Python's texts."""

    byte_start: int
    byte_end: int
    character_start: int
    character_end: int


@dataclass(frozen=True, slots=True)
class Entity:
    """A part of a text that names something; the score of its label is the mean over its tokens."""

    text: str
    label: Label
    span: Span


@dataclass(frozen=True, slots=True)
class TextEntities:
    """Entities of one text, in its order; ``truncated`` is whether the text was cut to the model's length."""

    entities: tuple[Entity, ...]
    truncated: bool
    model: str
    version: str
    timing: Timing

    def __len__(self) -> int:
        return len(self.entities)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self.entities)


@dataclass(frozen=True, slots=True, eq=False)
class Similarities:
    """Cosine similarities in [-1, 1]: float32 of shape [texts, others]. NumPy takes it as the array that it holds."""

    values: NDArray[np.float32]
    model: str
    version: str
    timing: Timing

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.values, dtype=dtype, copy=True) if copy else np.asarray(self.values, dtype=dtype)


@dataclass(frozen=True, slots=True)
class RankedDocument:
    """A document by its place in the request, with how well it answers the query; higher is better."""

    index: int
    score: float


@dataclass(frozen=True, slots=True)
class RankedDocuments:
    """Documents, best first."""

    documents: tuple[RankedDocument, ...]
    model: str
    version: str
    timing: Timing

    def __len__(self) -> int:
        return len(self.documents)

    def __iter__(self) -> Iterator[RankedDocument]:
        return iter(self.documents)


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


@dataclass(frozen=True, slots=True)
class TabularExplanation:
    """Which features a prediction rests on, in the model's order."""

    features: tuple[FeatureAttribution, ...]
    summary: ExplanationSummary
    model: str
    version: str
    timing: Timing


@dataclass(frozen=True, slots=True)
class TokenAttribution:
    """A token, or a word of several, with its importance; positive speaks for the target.

    ``span`` is where it lies in the text; None where the tokenizer does not tell.
    """

    token: str
    span: Span | None
    attribution: float


@dataclass(frozen=True, slots=True)
class TextExplanation:
    """Which tokens of a text its label rests on, in the order of the text."""

    tokens: tuple[TokenAttribution, ...]
    summary: ExplanationSummary
    model: str
    version: str
    timing: Timing


@dataclass(frozen=True, slots=True, eq=False)
class TensorResult:
    """Outputs of a graph by name, read-only arrays of its types and shapes; texts are arrays of bytes objects."""

    outputs: Mapping[str, NDArray[Any]]
    model: str
    version: str
    timing: Timing
