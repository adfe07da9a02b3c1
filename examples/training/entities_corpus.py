# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts with marked entities, generated from ``data/entities_grammar.yaml``."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from common import Json
from sentiment_corpus import Grammar

DATA = Path(__file__).parent / "data"
SLOT = re.compile(r"\{(\w+)\}")
MARK = re.compile(r"\[(\w+):([^\]]+)\]")
WORD = re.compile(r"\b[A-Za-z]{3,}\b")
ONSETS = [
    "b",
    "bl",
    "br",
    "c",
    "ch",
    "cl",
    "cr",
    "d",
    "dr",
    "f",
    "fl",
    "fr",
    "g",
    "gl",
    "gr",
    "h",
    "j",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "pr",
    "qu",
    "r",
    "s",
    "sh",
    "sk",
    "sl",
    "st",
    "t",
    "th",
    "tr",
    "v",
    "w",
    "y",
    "z",
]
VOWELS = [
    "a",
    "e",
    "i",
    "o",
    "u",
    "ai",
    "au",
    "ea",
    "ee",
    "eo",
    "ia",
    "ie",
    "oa",
    "oo",
    "ou",
    "ue",
    "á",
    "é",
    "í",
    "ö",
    "ü",
]
ENDS = ["", "n", "r", "s", "tek", "ra", "lo", "ton", "berg", "ville", "ng", "sk", "ck", "tt", "son", "sen", "er", "ing"]
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
EMOJI = ["\N{GRINNING FACE}", "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}", "\N{FACE WITH ROLLING EYES}"]


def handwritten() -> list[Json]:
    """Texts that were written one by one, with their entities as ``[kind:text]``."""
    rows = []
    for line in (DATA / "entities_handwritten.txt").read_text(encoding="utf-8").splitlines():
        text, last, entities = "", 0, []
        for mark in MARK.finditer(line):
            text += line[last : mark.start()]
            entities.append({"kind": mark[1], "start": len(text), "end": len(text) + len(mark[2])})
            text, last = text + mark[2], mark.end()
        rows.append({"text": text + line[last:], "entities": entities})
    return rows


class Corpus:
    """Generates texts; equal seeds give equal texts."""

    def __init__(self, part: str, random: np.random.Generator, varied: float = 0.0) -> None:
        """Texts of one part of the grammar.

        Args:
            part: "training" or "heldout".
            random: Draws everything.
            varied: Share of names that are made of random syllables and exist nowhere. With a third of it, words that
                belong to no entity are replaced by other ordinary ones, or by such syllables, and half of it as many
                sentences are reviews without entities: else whatever is unknown would look like a name.
        """
        self._varied = varied
        grammar = yaml.safe_load((DATA / "entities_grammar.yaml").read_text(encoding="utf-8"))
        self._grammar: dict[str, list[str]] = {**grammar[part], "products": grammar["products"]}
        self._random = random
        self._ordinary = self._reviews(grammar["products"]) if varied else []
        self._words = [
            word for review in self._ordinary for word in review.split() if word.isalpha() and word.islower()
        ]

    def texts(self, count: int) -> list[Json]:
        """Different texts of one to three sentences, each with its entities in order."""
        found: dict[str, Json] = {}
        while len(found) < count:
            row = self._text()
            found.setdefault(row["text"], row)
        return list(found.values())

    def _text(self) -> Json:
        text, entities = "", []
        for _ in range(int(self._random.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))):
            text += " " if text else ""
            text = self._sentence(text, entities)
        if self._random.random() < 0.08:
            text += f" {self._choose(EMOJI)}"
        return {"text": text, "entities": entities}

    def _sentence(self, text: str, entities: list[Json]) -> str:
        if self._random.random() < 0.5 * self._varied:
            return text + self._choose(self._ordinary)
        last, sentence = 0, self._choose(self._grammar["sentences"])
        for slot in SLOT.finditer(sentence):
            text += self._altered(sentence[last : slot.start()])
            value = getattr(self, f"_{slot[1]}")()
            entities.append({"kind": slot[1], "start": len(text), "end": len(text) + len(value)})
            text, last = text + value, slot.end()
        return text + self._altered(sentence[last:])

    def _altered(self, text: str) -> str:
        """A piece of a sentence with some of its longer words replaced, or with one more."""
        if not self._varied:
            return text

        def other(match: re.Match[str]) -> str:
            chance = self._random.random()
            if chance > self._varied / 3:
                return match[0]
            word = self._word(1, 3) if chance < self._varied / 9 else self._choose(self._words)
            word = word.capitalize() if match[0][0].isupper() else word
            return word if self._random.random() < 0.7 else f"{word} {match[0].lower()}"

        return WORD.sub(other, text)

    def _reviews(self, products: Sequence[str]) -> list[str]:
        """Sentences of another grammar, none with the name of a product in it."""
        found = [review["text"] for review in Grammar("training", self._random).reviews(4000)]
        return [text for text in found if not any(product in text.lower() for product in products)]

    def _product(self) -> str:
        noun = self._choose(self._grammar["products"])
        if self._random.random() < 0.45:
            return noun
        brand = self._word(1, 3).capitalize()
        if self._random.random() < 0.4:
            number = f"{self._choose(['', 'X', 'Pro ', 'S', 'MK'])}{self._random.integers(1, 60) * 10}"
            return self._choose([f"{brand} {number}", f"{brand} {number} {noun}"])
        return f"{brand} {noun}"

    def _word(self, least: int, most: int) -> str:
        count = int(self._random.integers(least, most + 1))
        parts = [self._choose(ONSETS) + self._choose(VOWELS) for _ in range(count)]
        return "".join(parts) + self._choose(ENDS)

    def _name(self, kind: str) -> str:
        if self._random.random() < self._varied:
            return self._word(1, 3).capitalize()
        return self._choose(self._grammar[kind])

    def _person(self) -> str:
        first, last = self._name("first_names"), self._name("last_names")
        return self._choose(
            [first, f"{first} {last}", f"{first} {last}", f"{self._choose(['Mr', 'Mrs', 'Dr'])} {last}"]
        )

    def _place(self) -> str:
        name = self._name("places")
        if self._random.random() < 0.3 * self._varied:
            return f"{self._choose(['New', 'San', 'Saint', 'Port', 'Santa'])} {name}"
        return name

    def _amount(self) -> str:
        whole = int(self._random.integers(1, 3000))
        number = self._choose([f"{whole}", f"{whole:,}", f"{whole}.{self._random.integers(0, 100):02}"])
        if self._random.random() < 0.5:
            return f"{self._choose('$€£')}{number}"
        return f"{number} {self._choose(['euros', 'dollars', 'pounds', 'USD', 'EUR', '€', 'francs'])}"

    def _date(self) -> str:
        day, month, year = (int(self._random.integers(1, most)) for most in (29, 13, 12))
        year += 2018
        name = MONTHS[month - 1]
        ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10 if day // 10 != 1 else 0, "th")
        return self._choose(
            [
                f"{day} {name}",
                f"{day} {name} {year}",
                f"{name} {day}",
                f"{name} {day}{ending}, {year}",
                f"{name} {year}",
                f"{year}-{month:02}-{day:02}",
                f"{day:02}/{month:02}/{year}",
                self._choose(DAYS),
                f"{self._choose(['next', 'last'])} {self._choose(DAYS)}",
            ]
        )

    def _choose(self, entries: Sequence[str]) -> str:
        return entries[int(self._random.integers(len(entries)))]
