# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Images that may be transparent: OpenCV drops alpha where it turns an image upright, so both is done here."""

from typing import Any

import cv2
import numpy as np

from argosy_worker.domains.vision.header import HeaderError

_PNG_ALPHA = (4, 6)
#: What turns an image upright, by the value of EXIF's orientation: the steps in their order.
_UPRIGHT: dict[int, tuple[int | str, ...]] = {
    2: ("mirror",),
    3: (cv2.ROTATE_180,),
    4: (cv2.ROTATE_180, "mirror"),
    5: (cv2.ROTATE_90_CLOCKWISE, "mirror"),
    6: (cv2.ROTATE_90_CLOCKWISE,),
    7: (cv2.ROTATE_90_COUNTERCLOCKWISE, "mirror"),
    8: (cv2.ROTATE_90_COUNTERCLOCKWISE,),
}
_ORIENTATION, _SHORT = 0x0112, 3
#: Pixels that are laid over the ground at a time: what that takes beside the image stays small.
_BAND = 1 << 18
#: Most entries of an EXIF directory that are looked at.
_MOST_ENTRIES = 200


def may_be_transparent(data: bytes, kind: str) -> bool:
    """Whether a whole file of a format says that it has alpha, or a colour that stands for it. A BMP never does."""
    if kind == "PNG":
        return data[25] in _PNG_ALPHA or _png_key(data) is not None
    if kind == "WebP":
        return (data[12:16] == b"VP8X" and bool(data[20] & 0x10)) or (data[12:16] == b"VP8L" and bool(data[24] & 0x10))
    return False


def decode_transparent(data: bytes, kind: str, ground: int) -> Any:
    """Decodes an image and lays it over a grey ground: uint8 [height, width, 3], BGR, upright.

    Raises:
        HeaderError: it cannot be decoded.
    """
    pixels, kinds, found = cv2.imdecodeWithMetadata(np.frombuffer(data, np.uint8), flags=cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise HeaderError("its content is damaged")
    if pixels.ndim == 2:
        pixels = _with_key(pixels, data) if kind == "PNG" else cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    if pixels.dtype != np.uint8:
        pixels = cv2.convertScaleAbs(pixels, alpha=1 / 257)
    exif = next((bytes(part) for name, part in zip(kinds, found, strict=True) if name == cv2.IMAGE_METADATA_EXIF), b"")
    return upright(laid_over(pixels, ground), orientation(exif))


def laid_over(pixels: Any, ground: int) -> Any:
    """Pixels uint8 [height, width, 4], alpha last, over a grey ground; those of three channels stay as they are."""
    if pixels.shape[2] == 3:
        return pixels
    height, width = pixels.shape[:2]
    shown = np.empty((height, width, 3), np.uint8)
    rows = max(1, _BAND // width)
    for top in range(0, height, rows):
        band = pixels[top : top + rows]
        alpha = cv2.cvtColor(band[:, :, 3], cv2.COLOR_GRAY2BGR)
        cv2.multiply(np.ascontiguousarray(band[:, :, :3]), alpha, scale=1 / 255, dst=shown[top : top + rows])
        if ground:
            rest = cv2.multiply(cv2.bitwise_not(alpha), (float(ground),) * 4, scale=1 / 255)
            cv2.add(shown[top : top + rows], rest, dst=shown[top : top + rows])
    return shown


def upright(pixels: Any, value: int) -> Any:
    """The image as EXIF's orientation wants it shown."""
    for step in _UPRIGHT.get(value, ()):
        pixels = cv2.flip(pixels, 1) if isinstance(step, str) else cv2.rotate(pixels, step)
    return pixels


def orientation(exif: bytes) -> int:
    """EXIF's orientation, 1 to 8, from a TIFF structure; 1 where it says nothing that can be read."""
    exif = exif.removeprefix(b"Exif\0\0")
    if exif[:2] not in (b"II", b"MM"):
        return 1

    def number(at: int, size: int) -> int:
        return int.from_bytes(exif[at : at + size], "little" if exif[:2] == b"II" else "big")

    start = number(4, 4)
    for entry in range(min(number(start, 2), _MOST_ENTRIES)):
        at = start + 2 + 12 * entry
        if number(at, 2) == _ORIENTATION and number(at + 2, 2) == _SHORT:
            return number(at + 8, 2)
    return 1


def _png_key(data: bytes) -> bytes | None:
    """Contents of the chunk tRNS, which comes before the pixels; None where there is none."""
    at = 33  # after the signature and IHDR
    while data[at + 4 : at + 8] not in (b"IDAT", b"IEND", b""):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"tRNS":
            return data[at + 8 : at + 8 + size]
        at += 12 + size
    return None


def _with_key(grey: Any, data: bytes) -> Any:
    """A grey PNG, of which one level stands for full transparency, with alpha: [height, width, 4]."""
    depth = data[24]
    level = int.from_bytes(_png_key(data) or b"", "big") & (2**depth - 1)
    if depth < 8:
        level = level * 255 // (2**depth - 1)
    opaque = np.iinfo(grey.dtype).max
    alpha = np.where(grey == level, 0, opaque).astype(grey.dtype)
    return cv2.merge([grey, grey, grey, alpha])
