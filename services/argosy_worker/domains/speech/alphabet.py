# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The tokens that a CTC model writes with."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from argosy_worker.domains._shared.assets import read_asset
from argosy_worker.domains._shared.graph import invalid
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.speech import RecognizeSection

_FILE, _BLANK, _DELIMITER = (
    "speech.recognize.alphabet_file",
    "speech.recognize.blank",
    "speech.recognize.word_delimiter",
)


@dataclass(frozen=True)
class Alphabet:
    """Tokens in output order, and what each is written as."""

    tokens: tuple[str, ...]
    written: tuple[str, ...]
    """Text of each token; empty for the blank, the delimiter and tokens such as <unk>."""
    blank: int
    delimiter: int | None
    """Place of the token between words; None where every token is a word."""

    @cached_property
    def _places(self) -> dict[str, int]:
        return {text: place for place, text in enumerate(self.written) if text}

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.written))

    def spelled(self, word: str) -> tuple[int, ...] | None:
        """Tokens of a word, the longest that fit first; None where it cannot be written, or is empty."""
        known, longest = self._places, self._longest
        if self.delimiter is None:
            return (known[word],) if word in known else None
        found: list[int] = []
        start = 0
        while start < len(word):
            ends = range(min(start + longest, len(word)), start, -1)
            end = next((end for end in ends if word[start:end] in known), None)
            if end is None:
                return None
            found.append(known[word[start:end]])
            start = end
        return tuple(found) or None


def load_alphabet(graph: LoadedGraph, section: RecognizeSection) -> Alphabet:
    """Reads a model's alphabet.

    Raises:
        argosy_worker.errors.ModelInvalid: the file cannot be read, tokens are missing or repeated, or blank or
            delimiter are not among them.
    """
    text = read_asset(graph.folder, _FILE, section.alphabet_file)
    tokens = _from_json(text) if section.alphabet_file.endswith(".json") else text.splitlines()
    if len(tokens) < 2 or "" in tokens:
        raise invalid(_FILE, f"{section.alphabet_file!r} must hold at least two tokens, none of them empty")
    if len(set(tokens)) != len(tokens):
        raise invalid(_FILE, f"{section.alphabet_file!r} repeats {_repeated(tokens)!r}")
    if section.blank >= len(tokens):
        raise invalid(_BLANK, f"is {section.blank}, and there are {len(tokens)} tokens")
    delimiter = None
    if section.word_delimiter:
        if section.word_delimiter not in tokens:
            raise invalid(_DELIMITER, f"{section.word_delimiter!r} is not in {section.alphabet_file!r}")
        delimiter = tokens.index(section.word_delimiter)
        if delimiter == section.blank:
            raise invalid(_DELIMITER, "is the blank")
    silent = {section.blank, delimiter}
    written = tuple(
        "" if place in silent or _is_special(token) else token.lower() if section.letter_case == "lower" else token
        for place, token in enumerate(tokens)
    )
    if not any(written):
        raise invalid(_FILE, f"{section.alphabet_file!r} holds no token that stands for text")
    return Alphabet(tuple(tokens), written, section.blank, delimiter)


def _from_json(text: str) -> list[str]:
    try:
        places = json.loads(text)
    except ValueError as error:
        raise invalid(_FILE, f"is not JSON: {error}") from error
    if not isinstance(places, dict) or sorted(map(str, places.values())) != sorted(map(str, range(len(places)))):
        raise invalid(_FILE, "must be a JSON object that gives each token a place, from 0 without gaps")
    return sorted(places, key=lambda token: int(places[token]))


def _repeated(tokens: Sequence[str]) -> str:
    seen: set[str] = set()
    return next(token for token in tokens if token in seen or seen.add(token))  # type: ignore[func-returns-value]


def _is_special(token: str) -> bool:
    return len(token) > 2 and token.startswith("<") and token.endswith(">")
