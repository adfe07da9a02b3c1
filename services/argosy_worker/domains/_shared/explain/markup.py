# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Explanations of texts as HTML and SVG: each part on a ground whose strength is its importance.

Texts come from callers: every character that means something to a reader of HTML or XML is escaped, and those that
neither may hold are replaced. What is written is ASCII, so that no reader has to guess an encoding.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from argosy_worker.domains._shared.explain.pictures import AGAINST, FOR

HTML, SVG = "text/html; charset=utf-8", "image/svg+xml"
_LINE_WIDTH, _LINE_HEIGHT, _LETTER_WIDTH = 760.0, 28.0, 8.4
#: What XML 1.0 has no place for: most control characters, halves of surrogate pairs, and two that are no characters.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OPACITY = 0.75


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text with its importance; None where it is not one of the parts."""

    text: str
    value: float | None = None


def pieces(text: str, spans: Iterable[tuple[int, int]], values: Iterable[float]) -> list[Piece]:
    """A whole text in pieces: its parts, and what stands between them.

    Args:
        spans: Where each part lies, in characters, in the order of the text; of parts that overlap the later is cut.
        values: Importance of each.
    """
    found, last = [], 0
    for (start, end), value in zip(spans, values, strict=True):
        begin = max(start, last)
        if begin > last:
            found.append(Piece(text[last:begin]))
        if end > begin:
            found.append(Piece(text[begin:end], value))
            last = end
    if last < len(text):
        found.append(Piece(text[last:]))
    return found


def html(title: str, shown: Sequence[Piece]) -> bytes:
    """A piece of HTML: the title, and the text as it is, with its blanks and line breaks."""
    spans = "".join(_span(piece, strength) for piece, strength in _strengths(shown))
    made = (
        f'<figure style="font: 16px/1.8 sans-serif"><figcaption style="color: #555">{_safe(title)}</figcaption>'
        f'<p dir="auto" style="white-space: pre-wrap">{spans}</p></figure>\n'
    )
    return made.encode("ascii", "xmlcharrefreplace")


def svg(title: str, shown: Sequence[Piece]) -> bytes:
    """An SVG drawing of the same, broken into lines."""
    drawn, left, top, widest = [], 0.0, _LINE_HEIGHT, max(_LINE_WIDTH, _width(title))
    for piece, strength in _strengths(shown):
        word = " ".join(piece.text.split())
        if not word:
            continue
        width = _width(word)
        if left and left + width > _LINE_WIDTH:
            left, top = 0.0, top + _LINE_HEIGHT
        drawn.append(_drawn(word, piece.value, strength, left, top))
        left += width
        widest = max(widest, left)
    height = top + _LINE_HEIGHT
    made = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {widest:.0f} {height:.0f}" width="{widest:.0f}" '
        f'height="{height:.0f}" font-family="monospace" font-size="14">'
        f'<text x="{_LETTER_WIDTH / 2:.1f}" y="16" fill="#555">{_safe(title)}</text>{"".join(drawn)}</svg>\n'
    )
    return made.encode("ascii", "xmlcharrefreplace")


def _span(piece: Piece, strength: float) -> str:
    if piece.value is None:
        return _safe(piece.text)
    colour = ", ".join(map(str, _colour(piece.value)))
    # A part is isolated, so that marks of writing direction in it do not turn what follows.
    style = f"unicode-bidi: isolate; background: rgba({colour}, {strength:.2f})"
    return f'<span title="{piece.value:+.4g}" style="{style}">{_safe(piece.text)}</span>'


def _drawn(word: str, value: float | None, strength: float, left: float, top: float) -> str:
    text = f'<text x="{left + _LETTER_WIDTH / 2:.1f}" y="{top + 16:.1f}">{_safe(word)}</text>'
    if value is None:
        return text
    colour = "#{:02x}{:02x}{:02x}".format(*_colour(value))
    ground = f'<rect x="{left:.1f}" y="{top:.1f}" width="{_width(word):.1f}" height="22"'
    return f'<g><title>{value:+.4g}</title>{ground} fill="{colour}" fill-opacity="{strength:.2f}"/>{text}</g>'


def _colour(value: float) -> tuple[int, int, int]:
    return FOR if value >= 0 else AGAINST


def _strengths(shown: Sequence[Piece]) -> Iterator[tuple[Piece, float]]:
    """Yields each piece with the opacity of its ground, the greatest for the most important."""
    largest = max((abs(piece.value) for piece in shown if piece.value is not None), default=0.0) or 1.0
    for piece in shown:
        yield piece, _OPACITY * abs(piece.value or 0.0) / largest


def _width(word: str) -> float:
    """Room that a word takes, in pixels: wide letters and emoji count twice, marks that combine not at all."""
    letters = sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in word
    )
    return (letters + 1) * _LETTER_WIDTH


def _safe(text: str) -> str:
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text))
