# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Messages about several things at a time, of ``data/sentences_grammar.yaml`` and ``data/messages_grammar.yaml``."""

from typing import Any

import numpy as np
import yaml
from common import Array, Json
from sentences_corpus import DATA, Corpus, Meaning, said

#: How many matters and asides a message has, with the probability of each number.
MATTERS, ASIDES = (0.08, 0.42, 0.32, 0.18), (0.45, 0.4, 0.15)
#: How often a message is opened, or closed.
FRAMED = 0.3


class Messages:
    """Generates messages of one part of the grammars; equal seeds give equal ones.

    Args:
        corpus: What can be said of things.
        part: "training" or "heldout".
        random: Source of chance.
    """

    def __init__(self, corpus: Corpus, part: str, random: np.random.Generator) -> None:
        grammar: dict[str, Any] = yaml.safe_load((DATA / "messages_grammar.yaml").read_text(encoding="utf-8"))
        self._corpus = corpus
        self._part = part
        self._random = random
        self._meanings = corpus.training if part == "training" else corpus.heldout
        self._asides: list[str] = grammar["asides"][part]
        self._openings: list[str] = grammar["openings"][part]
        self._closings: list[str] = grammar["closings"][part]

    def message(self) -> Json:
        """A text, and the topics of what it asks for, in the grammar's order: none where it has asides alone."""
        matters = self._count(MATTERS)
        asides = self._count(ASIDES) if matters else 1 + self._count(ASIDES[:2])
        meanings = [self._meanings[self._random.integers(len(self._meanings))] for _ in range(matters)]
        parts = [self._corpus.sentence(meaning, self._part, self._random) for meaning in meanings]
        parts += [self._aside() for _ in range(asides)]
        order = self._random.permutation(len(parts)).tolist()
        texts = [*self._framing(self._openings), *(parts[place] for place in order), *self._framing(self._closings)]
        topics = {meaning.topic for meaning in meanings}
        return {"text": " ".join(texts), "topics": [topic for topic in self._corpus.topics if topic in topics]}

    def _count(self, chances: tuple[float, ...]) -> int:
        shares = np.array(chances) / sum(chances)
        return int(self._random.choice(len(chances), p=shares))

    def _aside(self) -> str:
        meaning: Meaning = self._meanings[self._random.integers(len(self._meanings))]
        return said(self._one(self._asides), self._one(meaning.words))

    def _framing(self, texts: list[str]) -> list[str]:
        return [self._one(texts)] if self._random.random() < FRAMED else []

    def _one(self, texts: Any) -> str:
        return str(texts[int(self._random.integers(len(texts)))])


def targets(messages: list[Json], topics: list[str]) -> Array:
    """Whether each message is about each topic, float32 [messages, topics]."""
    return np.array([[topic in each["topics"] for topic in topics] for each in messages], np.float32)


def micro_f1(found: Array, wanted: Array) -> float:
    """F1 over all pairs of a message and a topic, of arrays of true and false [messages, topics]."""
    return float(2 * (found & wanted).sum() / max(found.sum() + wanted.sum(), 1))
