# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A picture of an explanation: the waveform, each segment on a ground whose strength is its importance, as PNG.

Pillow is imported when the first one is drawn.
"""

import io

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain.pictures import AGAINST, FOR
from argosy_worker.domains.speech.sound import Waveform

_WIDTH, _TOP, _HEIGHT, _BOTTOM, _SIDE = 800, 24, 160, 20, 8
_INK, _PAPER = (34, 34, 34), (255, 255, 255)


def draw(title: str, waveform: Waveform, bounds_s: NDArray[np.float64], values: NDArray[np.float64]) -> bytes:
    """A PNG.

    Args:
        title: Line above the waveform.
        waveform: float32 [samples], from the first bound to the last.
        bounds_s: Where segments begin, and the end of the last, in seconds: [segments + 1].
        values: Importance of each segment: [segments].
    """
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (_WIDTH + 2 * _SIDE, _TOP + _HEIGHT + _BOTTOM), _PAPER)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    plain = "".join(letter if letter.isprintable() else " " for letter in title[:90])
    pen.text((_SIDE, 4), plain, fill=_INK, font=font)
    largest = float(np.abs(values).max(initial=0.0)) or 1.0
    places = _SIDE + _WIDTH * (bounds_s - bounds_s[0]) / max(bounds_s[-1] - bounds_s[0], 1e-9)
    for left, right, value in zip(places, places[1:], values, strict=False):
        strength = 0.75 * abs(float(value)) / largest
        full = FOR if value >= 0 else AGAINST
        ground = tuple(round(255 + strength * (each - 255)) for each in full)
        pen.rectangle((float(left), _TOP, float(right), _TOP + _HEIGHT), fill=ground)
    middle, peak = _TOP + _HEIGHT / 2, float(np.abs(waveform).max(initial=0.0)) or 1.0
    columns = np.linspace(0, len(waveform), _WIDTH + 1).astype(int)
    for column in range(_WIDTH):
        part = waveform[columns[column] : max(columns[column + 1], columns[column] + 1)]
        low, high = (float(each) / peak * (_HEIGHT / 2 - 4) for each in (part.min(), part.max()))
        pen.line((_SIDE + column, middle - high, _SIDE + column, middle - low), fill=_INK)
    for bound, anchor in ((0, "la"), (-1, "ra")):
        place = (float(places[bound]), _TOP + _HEIGHT + 3)
        pen.text(place, f"{bounds_s[bound]:.2f} s", fill=_INK, font=font, anchor=anchor)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
