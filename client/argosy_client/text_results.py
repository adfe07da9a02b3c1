# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What models answer about texts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client.results import ExplanationSummary, Label, Labelled, Timing


@dataclass(frozen=True, slots=True)
class TextResult(Labelled):
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
