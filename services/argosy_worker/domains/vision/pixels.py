# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From a checked image to pixels of the colour and size that a model needs, all in 8 bits a channel."""

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains.vision.header import HeaderError, complete_file
from argosy_worker.domains.vision.placement import Placement, Resize, place
from argosy_worker.domains.vision.source import Encoded, Raw, Source, refused
from argosy_worker.domains.vision.transparency import decode_transparent, laid_over, may_be_transparent

Pixels = NDArray[np.uint8]
Color = Literal["gray", "rgb", "bgr"]

INTERPOLATION = {
    "area": cv2.INTER_AREA,
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
    "nearest": cv2.INTER_NEAREST,
}

#: Conversions from (order of the source's channels, colour wanted); what is missing needs none.
_CONVERSIONS = {
    ("gray", "rgb"): cv2.COLOR_GRAY2RGB,
    ("gray", "bgr"): cv2.COLOR_GRAY2BGR,
    ("bgr", "rgb"): cv2.COLOR_BGR2RGB,
    ("rgb", "bgr"): cv2.COLOR_RGB2BGR,
    ("rgb", "gray"): cv2.COLOR_RGB2GRAY,
    ("bgr", "gray"): cv2.COLOR_BGR2GRAY,
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a model takes: colour and size, and how images become that."""

    color: Color
    width: int
    height: int
    resize: Resize = "stretch"
    interpolation: int = cv2.INTER_AREA
    ground: int = 0
    """Grey level, 0 to 255, that transparent images are laid over and the letterbox is filled with."""


def quieten_opencv() -> None:
    """Stops OpenCV from writing about each damaged image, and from starting threads of its own for each."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    cv2.setNumThreads(1)


def load_pixels(source: Source, target: Target) -> tuple[Pixels, Placement]:
    """One image as uint8 [height, width, channels], of one channel for gray and three otherwise, and how it lies there.

    What is transparent is laid over the target's ground. 16-bit channels are scaled to 8 bits, CMYK becomes RGB. EXIF
    orientation is applied.

    Raises:
        argosy_worker.errors.InvalidInput: IMAGE_CORRUPT.
    """
    try:
        pixels, order = _decode(source, target) if isinstance(source, Encoded) else _raw(source, target.ground)
        placement = place((pixels.shape[1], pixels.shape[0]), (target.width, target.height), target.resize)
        pixels = _fit(pixels, placement, target)
        conversion = _CONVERSIONS.get((order, target.color))
        converted = pixels if conversion is None else cv2.cvtColor(pixels, conversion)
    except (cv2.error, HeaderError) as error:
        text = str(error) if isinstance(error, HeaderError) else "its content is damaged"
        raise refused(source.where, f"the image cannot be decoded: {text}", "IMAGE_CORRUPT") from error
    return np.asarray(converted).reshape(target.height, target.width, -1), placement


def _decode(source: Encoded, target: Target) -> tuple[Any, str]:
    data = complete_file(source.data, source.header)
    if may_be_transparent(data, source.header.format):
        return decode_transparent(data, source.header.format, target.ground), "bgr"
    flag = cv2.IMREAD_GRAYSCALE if target.color == "gray" else cv2.IMREAD_COLOR
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    if pixels is None:
        raise HeaderError("its content is damaged")
    return pixels, "gray" if target.color == "gray" else "bgr"


def _raw(source: Raw, ground: int) -> tuple[Any, str]:
    pixels = np.ascontiguousarray(source.pixels)
    return (pixels, "gray") if pixels.shape[2] == 1 else (laid_over(pixels, ground), "rgb")


def _fit(pixels: Any, placement: Placement, target: Target) -> Any:
    """The part of the image that the model sees, resized, with the target's ground around it."""
    part, inner = placement.part, placement.inner
    seen = pixels[part.top : part.top + part.height, part.left : part.left + part.width]
    if (part.width, part.height) != (inner.width, inner.height):
        seen = cv2.resize(seen, (inner.width, inner.height), interpolation=target.interpolation)
    if (inner.width, inner.height) == placement.input:
        return seen
    channels = pixels.shape[2:]
    canvas = np.full((target.height, target.width, *channels), target.ground, np.uint8)
    place = canvas[inner.top : inner.top + inner.height, inner.left : inner.left + inner.width]
    place[...] = seen.reshape(place.shape)
    return canvas
