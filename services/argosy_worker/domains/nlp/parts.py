# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The parts of a text that an explanation takes away: its words, or its tokens where no words are known."""

from dataclasses import dataclass

from argosy_worker.domains.nlp.spans import trimmed
from argosy_worker.domains.nlp.tokens import Tokenizer, Tokens
from argosy_worker.domains.nlp.windows import Window


@dataclass(slots=True)
class Part:
    """Neighbouring tokens, and where they lie in the text, in characters."""

    first: int
    """Id of the first token."""
    start: int
    end: int
    tokens: int
    name: str = ""
    """The part as text; the token's own name where it is none of the text."""


def parts_of(text: str, tokens: Tokens, window: Window, tokenizer: Tokenizer) -> list[Part]:
    """The parts of what the model sees of a text, in its order.

    Args:
        tokens: All of the text, with their spans.
        window: Which of them the model sees.
    """
    seen = slice(tokens.head + window.start, tokens.head + window.end)
    words = range(len(tokens.ids)) if tokens.words is None else tokens.words
    parts: list[Part] = []
    last: int | None = None
    for number, (start, end), word in zip(tokens.ids[seen], tokens.spans[seen], words[seen], strict=True):
        if parts and word is not None and word == last:
            part = parts[-1]
            part.end, part.tokens = max(part.end, end), part.tokens + 1
        else:
            parts.append(Part(number, start, end, 1))
        last = word
    for part in parts:
        part.start, part.end = trimmed(text, part.start, part.end)
        part.name = text[part.start : part.end] or tokenizer.names([part.first])[0]
    return parts
