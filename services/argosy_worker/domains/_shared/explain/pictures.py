# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of explanations as PNG. Pillow is imported when the first one is drawn."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

PNG = "image/png"
#: Colours of what speaks for and against.
FOR, AGAINST = (214, 69, 65), (52, 120, 196)
_INK, _PAPER, _PALE = (34, 34, 34), (255, 255, 255), (200, 200, 200)
#: Longest side of a picture over an image, in pixels, and the least one.
_MOST_SIDE, _LEAST_SIDE = 1024, 256
_BAR_HEIGHT, _BAR_WIDTH, _NAME_WIDTH, _NUMBER_WIDTH = 22, 320, 220, 90
#: Most bars in a picture; the others are left out, the least important ones.
MOST_BARS = 30


def heatmap(pixels: NDArray[np.uint8], values: NDArray[np.float64]) -> bytes:
    """A PNG of an image with a map over it: warm where it speaks for the target, cold where against.

    Args:
        pixels: uint8 [height, width, 3], RGB.
        values: float64 [rows, columns], over the whole image.
    """
    from PIL import Image

    strength = values / (np.abs(values).max() or 1.0)
    colour = np.where(strength[..., None] >= 0, np.array(FOR), np.array(AGAINST)).astype(np.uint8)
    picture = Image.fromarray(pixels)
    scale = min(_MOST_SIDE / max(picture.size), max(_LEAST_SIDE / max(picture.size), 1.0))
    size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
    picture = picture.resize(size, Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BOX)
    layer = Image.fromarray(colour).resize(size, Image.Resampling.BICUBIC)
    opacity = Image.fromarray((np.abs(strength) * 170).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    return _png(Image.composite(layer, picture, opacity))


def bars(title: str, names: Sequence[str], values: NDArray[np.float64], *, sort: bool = True) -> bytes:
    """A PNG with one bar for each part, to the right where it speaks for the target and to the left where against.

    Args:
        title: Line above the bars.
        names: Names of the parts.
        values: float64 [parts].
        sort: Whether the most important parts come first; else they keep their order.
    """
    from PIL import Image, ImageDraw, ImageFont

    found = np.asarray(values, np.float64)
    most = np.argsort(-np.abs(found), kind="stable")[:MOST_BARS]
    shown = most if sort else np.sort(most)
    width = _NAME_WIDTH + _BAR_WIDTH + _NUMBER_WIDTH
    picture = Image.new("RGB", (width, (len(shown) + 2) * _BAR_HEIGHT), _PAPER)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    draw.text((8, 4), _short(title, 90), fill=_INK, font=font)
    largest = float(np.abs(found).max(initial=0.0)) or 1.0
    middle = _NAME_WIDTH + _BAR_WIDTH // 2
    for row, part in enumerate(shown, 1):
        top = row * _BAR_HEIGHT + 6
        value = float(found[part])
        end = middle + round(value / largest * (_BAR_WIDTH // 2 - 4))
        draw.text((8, top), _short(names[part], 30), fill=_INK, font=font)
        draw.rectangle((min(middle, end), top, max(middle, end), top + 14), fill=FOR if value >= 0 else AGAINST)
        draw.text((_NAME_WIDTH + _BAR_WIDTH + 8, top), f"{value:+.4g}", fill=_INK, font=font)
    draw.line((middle, _BAR_HEIGHT, middle, picture.height - _BAR_HEIGHT // 2), fill=_PALE)
    return _png(picture)


def _short(text: str, most: int) -> str:
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain if len(plain) <= most else plain[: most - 3] + "..."


def _png(picture: "Image") -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=False)
    return file.getvalue()
