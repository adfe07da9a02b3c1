# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tokenizers of the ``tokenizers`` library, from a ``tokenizer.json``."""

from collections.abc import Sequence
from dataclasses import dataclass

import tokenizers

from argosy_worker.domains._shared.graph import invalid
from argosy_worker.domains.nlp.tokens import Tokens
from argosy_worker.repository.sections.nlp import TokenizerSection

_KEY = "nlp.tokenizer.file"


@dataclass(frozen=True, slots=True)
class HuggingFaceTokenizer:
    """Tokens with the special ones that the model wants; a cut text keeps those."""

    tokenizer: tokenizers.Tokenizer

    def encode(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text, cut to the model's length."""
        return [
            Tokens(list(encoding.ids), truncated=bool(encoding.overflowing))
            for encoding in self.tokenizer.encode_batch(list(texts))
        ]

    def names(self, ids: Sequence[int]) -> list[str]:
        """The text of each token."""
        return [self.tokenizer.id_to_token(number) or "" for number in ids]


def load_huggingface(text: str, section: TokenizerSection) -> HuggingFaceTokenizer:
    """Reads a tokenizer.json. Its own cutting and padding are replaced by those of model.yaml.

    Raises:
        argosy_worker.errors.ModelInvalid: it is no such JSON, or the length has no room for a token.
    """
    try:
        tokenizer = tokenizers.Tokenizer.from_str(text)
    except Exception as error:  # the library raises nothing more precise
        raise invalid(_KEY, f"is not a tokenizer.json: {error}") from error
    special = tokenizer.num_special_tokens_to_add(is_pair=False)
    if section.max_length <= special:
        raise invalid("nlp.tokenizer.max_length", f"must be more than the {special} special tokens of each text")
    tokenizer.no_padding()
    tokenizer.enable_truncation(section.max_length, direction=section.truncation_side)
    return HuggingFaceTokenizer(tokenizer)
