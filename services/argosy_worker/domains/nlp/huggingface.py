# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tokenizers of the ``tokenizers`` library, from a ``tokenizer.json``."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import tokenizers

from argosy_worker.domains._shared.graph import invalid
from argosy_worker.domains.nlp.tokens import PairEncoder, PairFrame, Tokens
from argosy_worker.repository.sections.nlp import TokenizerSection

_KEY = "nlp.tokenizer.file"


@dataclass(frozen=True, slots=True)
class HuggingFaceTokenizer:
    """Tokens with the special ones that the model wants."""

    tokenizer: tokenizers.Tokenizer

    def encode(self, texts: Sequence[str], *, places: bool = False) -> list[Tokens]:
        """All tokens of each text; with their spans and words where ``places`` is true."""
        encodings = self.tokenizer.encode_batch(list(texts))
        return [_tokens(each, text, places) for each, text in zip(encodings, texts, strict=True)]

    def names(self, ids: Sequence[int]) -> list[str]:
        """The text of each token."""
        return [self.tokenizer.id_to_token(number) or "" for number in ids]

    def pairs(self) -> PairEncoder:
        """How it puts pairs of texts together.

        Raises:
            argosy_worker.errors.ModelInvalid: the tokenizer has no tokens that show where they stand.
        """
        pair = self.tokenizer.encode("a", "a")
        owners = pair.sequence_ids
        if 0 not in owners or 1 not in owners:
            raise invalid(_KEY, "does not put pairs of texts together, which nlp.rerank needs")
        first, second = _extent(owners, 0), _extent(owners, 1)
        parts = (slice(first[0]), slice(*first), slice(first[1], second[0]), slice(*second), slice(second[1], None))
        ids, types = [pair.ids[part] for part in parts], [pair.type_ids[part] for part in parts]
        kinds = (types[0], types[1][:1], types[2], types[3][:1], types[4])
        return PairEncoder(PairFrame(ids[0], ids[2], ids[4], kinds), self._plain)

    def _plain(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text without special ones."""
        return [each.ids for each in self.tokenizer.encode_batch(list(texts), add_special_tokens=False)]


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
    tokenizer.no_truncation()
    return HuggingFaceTokenizer(tokenizer)


def _tokens(encoding: tokenizers.Encoding, text: str, places: bool) -> Tokens:
    ids, special = encoding.ids, encoding.special_tokens_mask
    head = len(list(takewhile(bool, special)))
    tail = len(list(takewhile(bool, reversed(special)))) if head < len(ids) else 0
    if not places:
        return Tokens(ids, head, tail)
    words = encoding.word_ids
    # Some tokenizers take a whole text for one word; then their words tell nothing.
    whole = len({word for word in words if word is not None}) <= 1 and len(text.split()) > 1
    return Tokens(ids, head, tail, encoding.offsets, None if whole else words)


def _extent(owners: Sequence[int | None], owner: int) -> tuple[int, int]:
    """Where the tokens of one text of a pair begin and end."""
    places = [place for place, each in enumerate(owners) if each == owner]
    return places[0], places[-1] + 1
