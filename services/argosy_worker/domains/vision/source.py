# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Images of a request, checked as far as is possible without decoding them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from argosy.vision.v1.vision_pb2 import Image, Layout, RawImage
from numpy.typing import NDArray

from argosy_worker.domains.vision.header import FORMATS, Header, HeaderError, read_header
from argosy_worker.errors import InvalidInput

#: Most pixels of an encoded image.
MAX_PIXELS = 50_000_000

#: Bytes that a decoded pixel takes.
_BYTES_A_PIXEL = 3


@dataclass(frozen=True, slots=True)
class Encoded:
    """An image file; ``where`` is its place in the request: an index of ``images``, or the name of a field."""

    where: int | str
    data: bytes
    header: Header

    @property
    def cost_bytes(self) -> int:
        """Bytes that decoding reads or writes, whichever is more: a small file may hold many pixels."""
        return max(len(self.data), math.prod(self.size) * _BYTES_A_PIXEL)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height that the header claims, before orientation."""
        return self.header.width, self.header.height


@dataclass(frozen=True, slots=True)
class Raw:
    """Raw pixels, uint8 [height, width, channels], a view of the message's bytes; ``where`` is as above."""

    where: int | str
    pixels: NDArray[np.uint8]

    @property
    def cost_bytes(self) -> int:
        """Bytes that resizing reads."""
        return self.pixels.nbytes

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width, _ = self.pixels.shape
        return width, height


Source = Encoded | Raw


def inspect_images(images: Iterable[Image]) -> list[Source]:
    """Checks every image of a request without decoding any.

    Raises:
        InvalidInput: IMAGE_MISSING, IMAGE_EMPTY, IMAGE_FORMAT_UNSUPPORTED, IMAGE_CORRUPT, IMAGE_TOO_LARGE or
            PIXELS_MISMATCH, with the image's index.
    """
    return [inspect_image(image, index) for index, image in enumerate(images)]


def inspect_image(image: Image, where: int | str) -> Source:
    """Checks one image; see :func:`inspect_images`."""
    source = image.WhichOneof("source")
    if source is None:
        raise refused(where, "no pixels; set `encoded` or `raw`", "IMAGE_MISSING")
    return _inspect_raw(image.raw, where) if source == "raw" else _inspect_encoded(image.encoded, where)


def refused(where: int | str, text: str, reason: str, **metadata: object) -> InvalidInput:
    """An error about one image of the request."""
    key, subject = ("index", f"images[{where}]") if isinstance(where, int) else ("field", where)
    values = {key: str(where)} | {name: str(value) for name, value in metadata.items()}
    return InvalidInput(f"{subject}: {text}", reason=reason, metadata=values)


def _inspect_encoded(data: bytes, where: int | str) -> Encoded:
    if not data:
        raise refused(where, f"the file is empty; send a {FORMATS} file", "IMAGE_EMPTY")
    try:
        header = read_header(data)
    except HeaderError as error:
        raise refused(where, f"the image cannot be decoded: {error}", "IMAGE_CORRUPT") from error
    if header is None:
        raise refused(where, f"not an image of a known format; send a {FORMATS} file", "IMAGE_FORMAT_UNSUPPORTED")
    if header.width * header.height > MAX_PIXELS:
        raise refused(
            where,
            f"{header.width} x {header.height} pixels are more than {MAX_PIXELS:,}; send a smaller image",
            "IMAGE_TOO_LARGE",
            width=header.width,
            height=header.height,
            limit=MAX_PIXELS,
        )
    return Encoded(where, data, header)


def _inspect_raw(raw: RawImage, where: int | str) -> Raw:
    height, width, channels = raw.height, raw.width, raw.channels
    if height < 1 or width < 1 or channels not in (1, 3, 4):
        raise refused(
            where,
            f"height {height}, width {width}, channels {channels}: a side is at least 1, channels are 1, 3 or 4",
            "PIXELS_MISMATCH",
        )
    if raw.layout not in Layout.values():
        raise refused(where, f"layout {raw.layout} is not known; use LAYOUT_HWC or LAYOUT_CHW", "LAYOUT_UNKNOWN")
    data, needed = raw.data, math.prod((height, width, channels))
    if len(data) != needed:
        raise refused(
            where,
            f"{height} x {width} x {channels} needs {needed} bytes of data, and {len(data)} were sent",
            "PIXELS_MISMATCH",
            expected=needed,
            received=len(data),
        )
    flat: NDArray[Any] = np.frombuffer(data, np.uint8)
    if raw.layout == Layout.LAYOUT_CHW:
        return Raw(where, flat.reshape(channels, height, width).transpose(1, 2, 0))
    return Raw(where, flat.reshape(height, width, channels))
