# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reading the output of a CTC model the greedy way, as the worker does, and counting wrong words."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from common import Array


@dataclass
class HeardWord:
    """A word with the steps at which its first and last letters were most probable, and their probabilities."""

    text: str = ""
    steps: list[int] = field(default_factory=list)
    probabilities: list[float] = field(default_factory=list)


def greedy(logits: Array, alphabet: Sequence[str], blank: int, space: int) -> list[HeardWord]:
    """Words of one utterance, [steps, tokens]."""
    scores = logits.astype(np.float64)
    probabilities = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    words, previous = [HeardWord()], blank
    for step, (token, row) in enumerate(zip(scores.argmax(axis=1), probabilities, strict=True)):
        if token == space and token != previous:
            words.append(HeardWord())
        elif token not in (blank, space):
            word = words[-1]
            if token != previous:
                word.text += alphabet[token]
                word.steps.append(step)
                word.probabilities.append(row[token])
            elif row[token] > word.probabilities[-1]:
                word.steps[-1], word.probabilities[-1] = step, row[token]
        previous = token
    return [word for word in words if word.text]


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words that must be put in, taken out or replaced to make one of the other."""
    row = list(range(len(heard) + 1))
    for count, word in enumerate(said, 1):
        corner, row[0] = row[0], count
        for place, other in enumerate(heard, 1):
            corner, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, corner + (word != other))
    return row[-1]
