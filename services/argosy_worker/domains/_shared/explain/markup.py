# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Explanations of texts as HTML and SVG: each token on a ground whose strength is its importance."""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain.pictures import AGAINST, FOR

HTML, SVG = "text/html; charset=utf-8", "image/svg+xml"
_LINE_WIDTH, _LINE_HEIGHT, _LETTER_WIDTH = 760.0, 28.0, 8.4


def html(tokens: Sequence[str], values: NDArray[np.float64]) -> bytes:
    """A paragraph of HTML; ``tokens`` are pieces of the text, blanks between them included."""
    spans = [
        f'<span title="{value:+.4g}" style="background: {colour}">{escape(token)}</span>'
        for token, value, colour in zip(tokens, values, _colours(values), strict=True)
    ]
    return f'<p style="font: 16px/1.8 sans-serif; white-space: pre-wrap">{"".join(spans)}</p>\n'.encode()


def svg(tokens: Sequence[str], values: NDArray[np.float64]) -> bytes:
    """An SVG drawing of the same, in lines."""
    drawn, left, top = [], 0.0, 0.0
    for token, value, colour in zip(tokens, values, _colours(values), strict=True):
        word = " ".join(token.split())
        width = (len(word) + 1) * _LETTER_WIDTH
        if left and left + width > _LINE_WIDTH:
            left, top = 0.0, top + _LINE_HEIGHT
        drawn.append(
            f'<g><title>{value:+.4g}</title><rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="22" '
            f'fill="{colour}"/><text x="{left + _LETTER_WIDTH / 2:.1f}" y="{top + 16:.1f}">{escape(word)}</text></g>'
        )
        left += width
    height = top + _LINE_HEIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LINE_WIDTH:.0f} {height:.0f}" '
        f'font-family="monospace" font-size="14">{"".join(drawn)}</svg>\n'
    ).encode()


def _colours(values: NDArray[np.float64]) -> list[str]:
    """A colour for each value: the stronger it is, the less see-through."""
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    return [
        "rgba({}, {}, {}, {:.2f})".format(*(FOR if value >= 0 else AGAINST), 0.75 * abs(value) / largest)
        for value in values.tolist()
    ]
