# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reviews generated from ``data/sentiment_grammar.yaml``, and the tokenizer in Keras's JSON format."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from common import Json

DATA = Path(__file__).parent / "data"
LABELS = ["negative", "positive"]
OOV = "<OOV>"
FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
SLOT = re.compile(r"\{(?:(same|other):)?(\w+)\}")


class Grammar:
    """Generates reviews; equal seeds give equal reviews."""

    def __init__(self, part: str, random: np.random.Generator) -> None:
        grammar = yaml.safe_load((DATA / "sentiment_grammar.yaml").read_text(encoding="utf-8"))
        self._words = _split(grammar["words"])
        self._sentences: dict[str, list[str]] = grammar[part]
        self._random = random

    def review(self, label: int) -> str:
        """One review of one to three opinions of the label's polarity, sometimes after a neutral sentence."""
        opinions = self._sentences["opinion"] + self._sentences[LABELS[label]]
        count = self._random.choice([1, 2, 3], p=[0.5, 0.35, 0.15])
        sentences = [self._choose(opinions) for _ in range(count)]
        if self._random.random() < 0.3:
            sentences.insert(0, self._choose(self._sentences["neutral"]))
        return " ".join(self._fill(sentence, label) for sentence in sentences)

    def reviews(self, count: int) -> list[Json]:
        """Different reviews, both labels equally often."""
        found: dict[str, int] = {}
        while len(found) < count:
            label = len(found) % 2
            found.setdefault(self.review(label), label)
        return [{"text": text, "label": LABELS[label]} for text, label in found.items()]

    def _choose(self, entries: Sequence[str]) -> str:
        return entries[int(self._random.integers(len(entries)))]

    def _fill(self, sentence: str, label: int) -> str:
        def replace(match: re.Match[str]) -> str:
            polarity, slot = match.groups()
            own = LABELS[label] if polarity == "same" else LABELS[1 - label]
            return self._choose(self._words[own][slot] if polarity else self._words[slot])

        while SLOT.search(sentence):
            sentence = SLOT.sub(replace, sentence)
        return sentence[0].upper() + sentence[1:]


def _split(entries: Json | str) -> Any:
    """The grammar's words with every text of entries as a list."""
    if isinstance(entries, str):
        return entries.split(", ")
    return {slot: _split(value) for slot, value in entries.items()}


def words(text: str) -> list[str]:
    """A text's words by the tokenizer's rule: lower case, filtered characters become spaces, split at spaces."""
    return [word for word in text.lower().translate({ord(c): " " for c in FILTERS}).split(" ") if word]


def fit_tokenizer(texts: Sequence[str], num_words: int) -> Json:
    """A tokenizer in the format of Keras's ``Tokenizer.to_json``: 1 is the unknown word, then words by frequency."""
    counts = Counter(word for text in texts for word in words(text))
    documents = Counter(word for text in texts for word in dict.fromkeys(words(text)))
    index = {word: number for number, word in enumerate([OOV, *(w for w, _ in counts.most_common())], start=1)}
    by_index = {word: index[word] for word in counts}
    config = {
        "num_words": num_words,
        "filters": FILTERS,
        "lower": True,
        "split": " ",
        "char_level": False,
        "oov_token": OOV,
        "document_count": len(texts),
        "word_counts": json.dumps(counts),
        "word_docs": json.dumps(documents),
        "index_docs": json.dumps({by_index[word]: count for word, count in documents.items()}),
        "index_word": json.dumps({number: word for word, number in index.items()}),
        "word_index": json.dumps(index),
    }
    return {"class_name": "Tokenizer", "config": config}


def encode(tokenizer: Json, text: str) -> list[int]:
    """A text's token ids, neither cut nor padded."""
    config = tokenizer["config"]
    index, limit = json.loads(config["word_index"]), config["num_words"]
    known = {word: number for word, number in index.items() if number < limit}
    return [known.get(word, index[OOV]) for word in words(text)]
