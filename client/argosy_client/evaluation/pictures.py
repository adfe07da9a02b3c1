# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Draws a confusion matrix and a threshold table."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_INK, _PAPER, _GREY = (20, 20, 20), (255, 255, 255), (200, 200, 200)
_COLOURS = ((31, 119, 180), (214, 39, 40), (44, 160, 44))
#: Classes of a drawn matrix, and characters of a class's name.
_CLASSES = 40
_CHARACTERS = 16
_WIDTH, _HEIGHT, _MARGIN = 640, 400, 60


def confusion(counts: NDArray[Any], labels: Sequence[str]) -> Image.Image:
    """A square for each pair of true class (rows) and chosen class (columns), the darker the larger its part of the
    row. Only the first classes are drawn where there are many."""
    counts, labels = counts[:_CLASSES, :_CLASSES], [label[:_CHARACTERS] for label in labels[:_CLASSES]]
    font = ImageFont.load_default(12)
    edge = 44 if len(labels) <= 12 else 26
    left = 20 + max((int(font.getlength(label)) for label in labels), default=0)
    top = left + 30
    picture = Image.new("RGB", (left + edge * len(labels) + 20, top + edge * len(labels) + 20), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.text((8, 8), "rows: true class; columns: chosen class", _INK, font)
    parts = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for row, label in enumerate(labels):
        draw.text((8, top + edge * row + edge // 2 - 7), label, _INK, font)
        _upright(picture, label, (left + edge * row + edge // 2 - 7, top - 6), font)
        for column in range(len(labels)):
            corner = (left + edge * column, top + edge * row)
            shade = int(255 * (1 - parts[row, column]))
            colour = (shade, shade, 255)
            draw.rectangle((*corner, corner[0] + edge - 2, corner[1] + edge - 2), colour)
            text = str(counts[row, column])
            ink = _PAPER if parts[row, column] > 0.5 else _INK
            if counts[row, column]:
                width = font.getlength(text)
                draw.text((corner[0] + (edge - width) / 2, corner[1] + edge / 2 - 7), text, ink, font)
    return picture


def _upright(picture: Image.Image, text: str, foot: tuple[int, int], font: Any) -> None:
    """Writes upwards from a point."""
    strip = Image.new("RGB", (max(1, int(font.getlength(text))), 16), _PAPER)
    ImageDraw.Draw(strip).text((0, 0), text, _INK, font)
    turned = strip.rotate(90, expand=True)
    picture.paste(turned, (foot[0], foot[1] - turned.height))


def thresholds(rows: Sequence[Mapping[str, float]]) -> Image.Image:
    """A line for each figure, over the threshold."""
    font = ImageFont.load_default(12)
    picture = Image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
    draw = ImageDraw.Draw(picture)
    for step in range(6):
        height = _y(step / 5)
        draw.line((_MARGIN, height, _WIDTH - 20, height), _GREY)
        draw.text((_MARGIN - 34, height - 7), f"{step / 5:.1f}", _INK, font)
        draw.text((_x(step / 5) - 8, _HEIGHT - _MARGIN + 8), f"{step / 5:.1f}", _INK, font)
    draw.text((_WIDTH // 2 - 30, _HEIGHT - 24), "threshold", _INK, font)
    for index, name in enumerate(name for name in rows[0] if name != "threshold"):
        colour = _COLOURS[index % len(_COLOURS)]
        draw.line([(_x(row["threshold"]), _y(row[name])) for row in rows], colour, 2)
        draw.text((_MARGIN + 110 * index, 10), name, colour, font)
    return picture


def _x(part: float) -> float:
    return _MARGIN + part * (_WIDTH - 20 - _MARGIN)


def _y(part: float) -> float:
    return _HEIGHT - _MARGIN - part * (_HEIGHT - _MARGIN - 34)
