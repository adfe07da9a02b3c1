# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Sentences that mean the same in other words, generated from ``data/sentences_grammar.yaml``."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import yaml

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Meaning:
    """What sentences have in common."""

    intent: str
    topic: str
    words: tuple[str, ...]
    """The words for the thing that it is about."""


class Corpus:
    """Generates sentences; equal seeds give equal ones."""

    def __init__(self, random: np.random.Generator, heldout: float) -> None:
        grammar = yaml.safe_load((DATA / "sentences_grammar.yaml").read_text(encoding="utf-8"))
        self._random = random
        self._intents: dict[str, Any] = grammar["intents"]
        self.topics: list[str] = list(grammar["things"])
        things = [(topic, tuple(words.split(", "))) for topic in self.topics for words in grammar["things"][topic]]
        meanings = [Meaning(intent, topic, words) for intent, (topic, words) in product(self._intents, things)]
        order = random.permutation(len(meanings)).tolist()
        kept = round(len(meanings) * heldout)
        #: Meanings that are never trained on, whatever the words, and the others.
        self.heldout = [meanings[number] for number in order[:kept]]
        self.training = [meanings[number] for number in order[kept:]]

    def pair(self, meaning: Meaning, parts: tuple[str, str] = ("training", "training")) -> tuple[str, str]:
        """Two different sentences of one meaning, of the given parts of the grammar, in other words if it has them."""
        words = self._random.permutation(np.array(meaning.words, object))[:2].tolist()
        first = self._phrase(meaning, parts[0])
        second = self._phrase(meaning, parts[1])
        while second == first:
            second = self._phrase(meaning, parts[1])
        return said(first, words[0]), said(second, words[-1])

    def sentence(self, meaning: Meaning, part: str, random: np.random.Generator) -> str:
        """One sentence of a meaning, of a part of the grammar."""
        phrases: Sequence[str] = self._intents[meaning.intent][part]
        word = meaning.words[int(random.integers(len(meaning.words)))]
        return said(phrases[int(random.integers(len(phrases)))], word)

    def _phrase(self, meaning: Meaning, part: str) -> str:
        phrases: Sequence[str] = self._intents[meaning.intent][part]
        return phrases[int(self._random.integers(len(phrases)))]


def said(phrase: str, word: str) -> str:
    """A phrase with the word for a thing in the place of {x}."""
    article = "an" if word[0] in "aeio" else "a"
    return phrase.replace(" a {x}", f" {article} {{x}}").replace("{x}", word)
