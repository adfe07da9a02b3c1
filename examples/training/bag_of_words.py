# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts of ten sections of a newspaper that never was, and how often each of 1000 words is in them."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from common import Array

WORDS = 1000
#: Share of a text's words that are of its own section, and of another one; the rest are used everywhere.
OWN, OTHER = 0.24, 0.08
#: Least and most words of a text.
SHORTEST, LONGEST = 12, 40
_DATA = Path(__file__).parent / "data" / "topics.yaml"


@dataclass(frozen=True)
class Vocabulary:
    """The words, of which each section has some, and the others are common."""

    words: list[str]
    places: dict[str, int]
    """Of each word among all."""
    sections: dict[str, list[str]]
    common: list[str]

    def count(self, text: str) -> Array:
        """How often each word is in a text: float32 [words]. Letters alone make words, and case does not matter."""
        counts = np.zeros(len(self.words), np.float32)
        for word in re.findall("[a-z]+", text.lower()):
            if word in self.places:
                counts[self.places[word]] += 1
        return counts

    def text(self, section: str, random: np.random.Generator) -> str:
        """A text of a section: some of its words, some of another one's, which varies, and common ones between."""
        other = random.choice([name for name in self.sections if name != section])
        words = []
        for kind in random.choice(3, size=random.integers(SHORTEST, LONGEST + 1), p=[OWN, OTHER, 1 - OWN - OTHER]):
            known = (self.sections[section], self.sections[str(other)], self.common)[kind]
            # The first words of a list are the usual ones.
            words.append(known[int(len(known) * random.random() ** 1.5)])
        return " ".join(words)


def vocabulary() -> Vocabulary:
    """Reads the words; each noun is there as it is and in the plural."""
    data = yaml.safe_load(_DATA.read_text("utf-8"))
    sections = {
        name: [form for noun in nouns.split() for form in (noun, plural(noun))]
        for name, nouns in data["sections"].items()
    }
    common = data["common"].split()
    words = [word for known in sections.values() for word in known] + common
    if len(set(words)) != len(words) or len(words) != WORDS:
        twice = {word for word in words if words.count(word) > 1}
        raise SystemExit(f"{len(words)} words, and these are there twice: {sorted(twice)}")
    return Vocabulary(words, {word: place for place, word in enumerate(words)}, sections, common)


def plural(noun: str) -> str:
    """The plural of an English noun, by the common rules."""
    irregular = {"knife": "knives", "leaf": "leaves", "tooth": "teeth", "potato": "potatoes", "tomato": "tomatoes"}
    if noun in irregular:
        return irregular[noun]
    if noun.endswith("sis"):
        return noun[:-2] + "es"
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in "aeou" else noun + "s"
