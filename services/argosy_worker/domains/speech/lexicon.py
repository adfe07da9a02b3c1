# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The words that a model of a limited vocabulary may write, as a tree that a transcript walks token by token."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.assets import read_asset
from argosy_worker.domains._shared.graph import invalid
from argosy_worker.domains.speech.alphabet import Alphabet
from argosy_worker.lifecycle.domain import LoadedGraph

_KEY = "speech.recognize.vocabulary_file"


@dataclass(slots=True)
class Node:
    """A beginning that words share."""

    allowed: NDArray[np.float64]
    """0 for tokens that may follow, minus infinity for others: [tokens]."""
    complete: bool
    """Whether a word may end here; also where none has begun."""
    children: dict[int, "Node"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words."""

    root: Node
    delimiter: int

    def after(self, node: Node, token: int) -> Node:
        """Where a transcript is after a token that was allowed."""
        return self.root if token == self.delimiter else node.children[token]


def load_lexicon(graph: LoadedGraph, name: str, alphabet: Alphabet) -> Lexicon:
    """Reads the words of a model, one a line.

    Raises:
        argosy_worker.errors.ModelInvalid: the file cannot be read, holds no word or one that cannot be written, or the
            alphabet has no token between words.
    """
    words = read_asset(graph.folder, _KEY, name).split()
    if not words:
        raise invalid(_KEY, f"{name!r} holds no word")
    if alphabet.delimiter is None:
        raise invalid(_KEY, "has no meaning where every token is a word")
    spelled = {word: alphabet.spelled(word) for word in words}
    unwritable = next((word for word, tokens in spelled.items() if tokens is None), None)
    if unwritable is not None:
        raise invalid(_KEY, f"the alphabet cannot write {unwritable!r}")
    return build_lexicon((tokens for tokens in spelled.values() if tokens), alphabet)


def build_lexicon(words: Iterable[tuple[int, ...]], alphabet: Alphabet) -> Lexicon:
    """The tree of words, each given as its tokens."""

    def grown(complete: bool) -> Node:
        return Node(np.full(len(alphabet.tokens), -np.inf), complete)

    root = grown(True)
    delimiter = alphabet.delimiter or 0
    root.allowed[delimiter] = 0.0
    for tokens in words:
        node = root
        for token in tokens:
            node.allowed[token] = 0.0
            node = node.children.setdefault(token, grown(False))
        node.complete = True
        node.allowed[delimiter] = 0.0
    return Lexicon(root, delimiter)
