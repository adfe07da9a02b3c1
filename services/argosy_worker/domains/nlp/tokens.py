# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tokenizers: texts to token ids, before cutting and padding to the model's length."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one text that the model sees, special ones among them, without padding."""

    ids: list[int]
    truncated: bool


class Tokenizer(Protocol):
    """Splits texts; safe to call from several threads at once."""

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text, cut to the model's length."""
        ...

    def names(self, ids: Sequence[int]) -> list[str]:
        """The text of each token."""
        ...
