# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Words that are more likely than usual, as a tree that a transcript walks token by token."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains.speech.alphabet import Alphabet


@dataclass(slots=True)
class _Branch:
    """A beginning that hinted words share."""

    children: dict[int, "_Branch"] = field(default_factory=dict)
    granted: float = 0.0
    """What a transcript that came so far has been given: the most of any word that goes on from here."""
    word: float | None = None
    """What the word is given that ends here; None where none does."""


class Place(NamedTuple):
    """Where a transcript is: in which branch, and what it has been given for a word that is not complete."""

    branch: _Branch | None
    """None within a word that is not hinted."""
    granted: float


@dataclass(frozen=True, slots=True)
class Hints:
    """All hinted words."""

    root: _Branch
    tokens: int
    delimiter: int | None

    @property
    def start(self) -> Place:
        """The beginning of a word."""
        return Place(self.root, 0.0)

    def gains(self, place: Place) -> NDArray[np.float64]:
        """What each further token is given, [tokens]: less than 0 where it leaves a word that it had been given for."""
        gains = np.full(self.tokens, -place.granted)
        if place.branch is not None:
            for token, branch in place.branch.children.items():
                gains[token] = branch.granted - place.granted
        if self.delimiter is not None:
            gains[self.delimiter] = self.at_end(place)
        return gains

    def at_end(self, place: Place) -> float:
        """What it is given, or loses, where the word ends here."""
        word = place.branch.word if place.branch is not None else None
        return (0.0 if word is None else word) - place.granted

    def after(self, place: Place, token: int) -> Place:
        """The place after a further token."""
        if token == self.delimiter:
            return self.start
        branch = place.branch.children.get(token) if place.branch is not None else None
        if self.delimiter is None:  # every token is a word: what it was given it keeps
            return self.start
        return Place(branch, 0.0 if branch is None else branch.granted)


def build_hints(words: Mapping[tuple[int, ...], float], alphabet: Alphabet) -> Hints:
    """The tree of words, each given as its tokens with what it is given, a natural logarithm."""
    root = _Branch()
    for tokens, boost in words.items():
        branch = root
        for count, token in enumerate(tokens, 1):
            branch = branch.children.setdefault(token, _Branch())
            branch.granted = max(branch.granted, boost * count / len(tokens))
        branch.word = boost
    return Hints(root, len(alphabet.tokens), alphabet.delimiter)
