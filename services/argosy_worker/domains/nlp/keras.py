# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The word tokenizer that Keras writes with ``Tokenizer.to_json``."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from argosy_worker.domains._shared.graph import invalid
from argosy_worker.domains.nlp.tokens import PairEncoder, Tokens

_KEY = "nlp.tokenizer.file"


@dataclass(frozen=True, slots=True)
class KerasTokenizer:
    """Looks up words; a word that is not known, or too rare, has the out-of-vocabulary id or is dropped."""

    ids: dict[str, int]
    """Only the words that the model knows."""
    words: dict[int, str]
    unknown_id: int | None
    separators: dict[int, str]
    """What :meth:`str.translate` needs to make separators of filtered characters."""
    split: str
    lower: bool
    by_character: bool

    def encode(self, texts: Sequence[str], *, places: bool = False) -> list[Tokens]:
        """All tokens of each text; with their spans where ``places`` is true."""
        return [self._placed(text) if places else self._encode(text) for text in texts]

    def names(self, ids: Sequence[int]) -> list[str]:
        """The word of each id."""
        return [self.words[number] for number in ids]

    def pairs(self) -> PairEncoder:
        """Raises ModelInvalid: such a tokenizer has no tokens between two texts."""
        raise invalid("nlp.rerank", "needs a tokenizer of the kind huggingface, which puts pairs of texts together")

    def _encode(self, text: str) -> Tokens:
        prepared = self._prepared(text)
        words = prepared if self.by_character else prepared.split(self.split)
        found = (self.ids.get(word, self.unknown_id) for word in words if word)
        return Tokens([number for number in found if number is not None])

    def _placed(self, text: str) -> Tokens:
        prepared, origin = self._prepared(text), self._origin(text)
        ids, spans, start = [], [], 0
        for word in prepared if self.by_character else prepared.split(self.split):
            number = self.ids.get(word, self.unknown_id) if word else None
            end = start + len(word)
            if number is not None:
                ids.append(number)
                spans.append((origin[start], origin[end - 1] + 1))
            start = end + (0 if self.by_character else len(self.split))
        return Tokens(ids, spans=spans)

    def _prepared(self, text: str) -> str:
        """The text as it is split."""
        text = text.lower() if self.lower else text
        return text if self.by_character else text.translate(self.separators)

    def _origin(self, text: str) -> Sequence[int]:
        """For each character of the prepared text, which one of the text it was made from."""
        if len(self._prepared(text)) == len(text):
            return range(len(text))
        # Some characters have more than one in lower case, and a separator may be longer than what it stands for.
        return [place for place, one in enumerate(text) for _ in self._prepared(one)]


def load_keras(text: str) -> KerasTokenizer:
    """Reads the tokenizer's JSON.

    Raises:
        argosy_worker.errors.ModelInvalid: it is no such JSON.
    """
    config = _config(text)
    all_ids = _word_index(config)
    limit, oov = config.get("num_words"), config.get("oov_token")
    if limit is not None and (not isinstance(limit, int) or limit < 1):
        raise invalid(_KEY, "config.num_words must be a whole number of at least 1, or null")
    if oov is not None and oov not in all_ids:
        raise invalid(_KEY, f"config.oov_token {oov!r} is not in config.word_index")
    split, filters = config.get("split", " "), config.get("filters") or ""
    if not isinstance(split, str) or not split or not isinstance(filters, str):
        raise invalid(_KEY, "config.split must be a text that is not empty, and config.filters a text")
    unknown_id = None if oov is None else all_ids[oov]
    ids = {word: number for word, number in all_ids.items() if limit is None or number < limit}
    words = {number: word for word, number in ids.items()}
    if oov is not None:
        words[all_ids[oov]] = oov
    return KerasTokenizer(
        ids=ids,
        words=words,
        unknown_id=unknown_id,
        separators={ord(character): split for character in filters},
        split=split,
        lower=bool(config.get("lower", True)),
        by_character=bool(config.get("char_level", False)),
    )


def _config(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise invalid(_KEY, f"is not JSON: {error}") from error
    config = document.get("config") if isinstance(document, dict) else None
    if not isinstance(config, dict):
        raise invalid(_KEY, "is not the JSON of a Keras tokenizer: it has no object `config`")
    return config


def _word_index(config: dict[str, Any]) -> dict[str, int]:
    index = config.get("word_index")
    try:
        index = json.loads(index) if isinstance(index, str) else index
    except ValueError as error:
        raise invalid(_KEY, f"config.word_index is not JSON: {error}") from error
    if not isinstance(index, dict) or not all(type(number) is int and 0 <= number < 2**31 for number in index.values()):
        raise invalid(_KEY, "config.word_index must give a whole number, not negative, for each word")
    return index
