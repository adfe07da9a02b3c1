# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From a checked image to pixels of the colour and size that a model needs, all in 8 bits a channel."""

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains.vision.header import HeaderError, complete_file
from argosy_worker.domains.vision.source import Encoded, Raw, Source, refused

Pixels = NDArray[np.uint8]
Color = Literal["gray", "rgb", "bgr"]
Resize = Literal["stretch", "center_crop", "letterbox"]

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
    ("rgba", "gray"): cv2.COLOR_RGBA2GRAY,
    ("rgba", "rgb"): cv2.COLOR_RGBA2RGB,
    ("rgba", "bgr"): cv2.COLOR_RGBA2BGR,
}
_RAW_ORDER = {1: "gray", 3: "rgb", 4: "rgba"}


def quieten_opencv() -> None:
    """Stops OpenCV from writing about each damaged image, and from starting threads of its own for each."""
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    cv2.setNumThreads(1)


def load_pixels(source: Source, color: Color, width: int, height: int, resize: Resize, interpolation: int) -> Pixels:
    """One image as uint8 [height, width, channels], of one channel for gray and three otherwise.

    Alpha is dropped. 16-bit channels are scaled to 8 bits. EXIF orientation is applied.

    Raises:
        argosy_worker.errors.InvalidInput: IMAGE_CORRUPT.
    """
    try:
        pixels, order = _decode(source, color) if isinstance(source, Encoded) else _raw(source)
        pixels = _fit(pixels, width, height, resize, interpolation)
        conversion = _CONVERSIONS.get((order, color))
        converted = pixels if conversion is None else cv2.cvtColor(pixels, conversion)
    except (cv2.error, HeaderError) as error:
        text = str(error) if isinstance(error, HeaderError) else "its content is damaged"
        raise refused(source.index, f"the image cannot be decoded: {text}", "IMAGE_CORRUPT") from error
    return np.asarray(converted).reshape(height, width, -1)


def _decode(source: Encoded, color: Color) -> tuple[Any, str]:
    data = complete_file(source.data, source.header)
    flag = cv2.IMREAD_GRAYSCALE if color == "gray" else cv2.IMREAD_COLOR
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flag)
    if pixels is None:
        raise HeaderError("its content is damaged")
    return pixels, "gray" if color == "gray" else "bgr"


def _raw(source: Raw) -> tuple[Any, str]:
    return np.ascontiguousarray(source.pixels), _RAW_ORDER[source.pixels.shape[2]]


def _fit(pixels: Any, width: int, height: int, resize: Resize, interpolation: int) -> Any:
    have_height, have_width = pixels.shape[:2]
    if (have_width, have_height) == (width, height):
        return pixels
    if resize == "center_crop":
        pixels = _center_crop(pixels, width, height)
    elif resize == "letterbox":
        return _letterbox(pixels, width, height, interpolation)
    return cv2.resize(pixels, (width, height), interpolation=interpolation)


def _center_crop(pixels: Any, width: int, height: int) -> Any:
    """The largest part at the centre with the aspect ratio of the target, a view."""
    have_height, have_width = pixels.shape[:2]
    part_width = max(1, min(have_width, round(have_height * width / height)))
    part_height = max(1, min(have_height, round(have_width * height / width)))
    top, left = (have_height - part_height) // 2, (have_width - part_width) // 2
    return pixels[top : top + part_height, left : left + part_width]


def _letterbox(pixels: Any, width: int, height: int, interpolation: int) -> Any:
    """The whole image at the centre, zeros around it."""
    have_height, have_width = pixels.shape[:2]
    factor = min(width / have_width, height / have_height)
    inner_width = min(width, max(1, round(have_width * factor)))
    inner_height = min(height, max(1, round(have_height * factor)))
    inner = cv2.resize(pixels, (inner_width, inner_height), interpolation=interpolation)
    canvas = np.zeros((height, width, *pixels.shape[2:]), np.uint8)
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    canvas[top : top + inner_height, left : left + inner_width] = inner.reshape(*inner.shape[:2], *pixels.shape[2:])
    return canvas
