# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tokenizers: texts to token ids, before cutting and padding to the model's length."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tokens:
    """All tokens of one text, or of a pair of texts, without padding.

    Special tokens of the model stand at both ends: ``head`` before the text and ``tail`` after it.
    """

    ids: list[int]
    head: int = 0
    tail: int = 0
    spans: Sequence[tuple[int, int]] = ()
    """Where each token lies in the text, in characters (code points), the end exclusive; none where nobody asked."""
    words: Sequence[int | None] | None = None
    """Word of which each token is a part; None where every token is a word of its own."""

    @property
    def body(self) -> int:
        """Tokens of the text itself."""
        return len(self.ids) - self.head - self.tail

    def cut(self, start: int, end: int) -> list[int]:
        """Ids of a part of the text's own tokens, between the special ones."""
        if end - start == self.body:
            return self.ids
        after = self.head + self.body
        return [*self.ids[: self.head], *self.ids[self.head + start : self.head + end], *self.ids[after:]]


@dataclass(frozen=True, slots=True)
class PairFrame:
    """Special tokens before, between and after two texts of which a model takes the tokens together."""

    head: list[int]
    middle: list[int]
    tail: list[int]
    types: tuple[list[int], list[int], list[int], list[int], list[int]]
    """Types of the head's tokens, of each of the first text's, of those between, of each of the second's, and of the
    tail's."""

    def __len__(self) -> int:
        return len(self.head) + len(self.middle) + len(self.tail)

    def join(self, first: list[int], second: list[int]) -> tuple[list[int], list[int]]:
        """Ids and types of a pair."""
        head, one, middle, other, tail = self.types
        types = [*head, *one * len(first), *middle, *other * len(second), *tail]
        return [*self.head, *first, *self.middle, *second, *self.tail], types


@dataclass(frozen=True, slots=True)
class PairEncoder:
    """How a tokenizer puts pairs of texts together."""

    frame: PairFrame
    plain: Callable[[Sequence[str]], list[list[int]]]
    """The token ids of texts, without special ones."""


class Tokenizer(Protocol):
    """Splits texts; safe to call from several threads at once."""

    def encode(self, texts: Sequence[str], *, places: bool = False) -> list[Tokens]:
        """All tokens of each text; with their spans and words where ``places`` is true."""
        ...

    def names(self, ids: Sequence[int]) -> list[str]:
        """The text of each token."""
        ...

    def pairs(self) -> PairEncoder:
        """How it puts pairs of texts together.

        Raises:
            argosy_worker.errors.ModelInvalid: it does not.
        """
        ...
