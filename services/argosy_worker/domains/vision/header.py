# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Format and size of an encoded image, read from its header alone.

Nothing here allocates in proportion to what a header claims, nor loops in proportion to hostile content.
"""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass

FORMATS = "PNG, JPEG, WebP or BMP"

#: Most markers looked at in a JPEG. Real files have some tens, with a large colour profile some hundreds.
_MOST_MARKERS = 1000
#: Most scans of a JPEG: each one costs a pass over all pixels. Real progressive files have about ten.
_MOST_SCANS = 100

_JPEG_MARKER = re.compile(rb"\xff+([\x01-\xfe])")
#: As above, besides the restart markers and stuffed bytes of which entropy-coded data is full.
_JPEG_MARKER_AFTER_SCAN = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
_JPEG_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_JPEG_END, _JPEG_SCAN = 0xD9, 0xDA
_PNG_START = b"\x89PNG\r\n\x1a\n"
#: Most chunks of a PNG. Real files have one for each 8 KiB or more.
_MOST_CHUNKS = 50_000
#: Chunks that the pixels of a still image depend on. Others can hide compressed text, or frames of an animation.
_PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT", b"IEND"})


class HeaderError(Exception):
    """The data is no such image; the text says why."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a header claims: ``format`` and the size in pixels, before orientation."""

    format: str
    width: int
    height: int


def read_header(data: bytes) -> Header | None:
    """The header of an image; None for a format that is not served.

    Raises:
        HeaderError: the header is damaged or cut.
    """
    for name, (recognises, measure, _) in _FORMATS.items():
        if recognises(data):
            try:
                width, height = measure(data)
            except IndexError as error:
                raise HeaderError("the file ends within its header") from error
            if width < 1 or height < 1:
                raise HeaderError(f"its header claims {width} x {height} pixels")
            return Header(name, width, height)
    return None


def complete_file(data: bytes, header: Header) -> bytes:
    """The file, or its part that a decoder may see, once it is known not to end early: decoders return what they have.

    Raises:
        HeaderError: it ends early, is damaged, or built to be expensive.
    """
    try:
        return _FORMATS[header.format][2](data)
    except IndexError as error:
        raise HeaderError("the file is cut short") from error


def _u16(data: bytes, at: int) -> int:
    return data[at] << 8 | data[at + 1]


def _little(data: bytes, at: int, size: int, *, signed: bool = False) -> int:
    if len(data) < at + size:
        raise IndexError(at)
    return int.from_bytes(data[at : at + size], "little", signed=signed)


def _png_size(data: bytes) -> tuple[int, int]:
    if len(data) < 24:
        raise IndexError(len(data))
    if data[12:16] != b"IHDR":
        raise HeaderError("its first chunk is not IHDR")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def _whole_png(data: bytes) -> bytes:
    """The first image of the file without its other chunks. Checksums are compared here, because libpng would log."""
    kept, dropped, at = [memoryview(data)[: len(_PNG_START)]], False, len(_PNG_START)
    for _ in range(_MOST_CHUNKS):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if end > len(data):
            raise IndexError(end)
        kind, chunk = data[at + 4 : at + 8], memoryview(data)[at:end]
        if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
            raise HeaderError("a checksum is wrong")
        if (kind == b"IHDR") != (at == len(_PNG_START)):
            raise HeaderError("its chunk IHDR is not at its beginning alone")
        if kind in _PNG_CHUNKS:
            kept.append(chunk)
        else:
            dropped = True
        if kind == b"IEND":
            return b"".join(kept) if dropped else data[:end]
        at = end
    raise HeaderError("it has too many chunks")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = 2
    for _ in range(_MOST_MARKERS):
        found = _JPEG_MARKER.search(data, at)
        if found is None:
            raise IndexError(at)
        marker, at = data[found.end() - 1], found.end()
        if marker in _JPEG_START_OF_FRAME:
            return _u16(data, at + 5), _u16(data, at + 3)
        if marker in (_JPEG_SCAN, _JPEG_END):
            raise HeaderError("it has no frame header")
        if marker not in _JPEG_WITHOUT_LENGTH:
            at += _u16(data, at)
    raise HeaderError("it has too many segments before its frame header")


def _whole_jpeg(data: bytes) -> bytes:
    at, scans, pattern = 2, 0, _JPEG_MARKER
    for _ in range(_MOST_MARKERS):
        found = pattern.search(data, at)
        if found is None:
            raise IndexError(at)
        marker, at = data[found.end() - 1], found.end()
        if marker == _JPEG_END:
            return data[:at]
        if marker == _JPEG_SCAN:
            scans, pattern = scans + 1, _JPEG_MARKER_AFTER_SCAN
            if scans > _MOST_SCANS:
                raise HeaderError(f"it has more than {_MOST_SCANS} scans")
        if marker not in _JPEG_WITHOUT_LENGTH:
            at += _u16(data, at)
    raise HeaderError("it has too many segments")


def _webp_size(data: bytes) -> tuple[int, int]:
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + _little(data, 24, 3), 1 + _little(data, 27, 3)
    if kind == b"VP8L":
        bits = _little(data, 21, 4)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        return _little(data, 26, 2) & 0x3FFF, _little(data, 28, 2) & 0x3FFF
    raise HeaderError("its first chunk is not an image")


def _bmp_size(data: bytes) -> tuple[int, int]:
    if _little(data, 14, 4) == 12:  # the header of OS/2, with short extents
        return _little(data, 18, 2), _little(data, 20, 2)
    return _little(data, 18, 4, signed=True), abs(_little(data, 22, 4, signed=True))


def _whole_webp(data: bytes) -> bytes:
    end = _little(data, 4, 4) + 8
    if end > len(data):
        raise IndexError(end)
    return data[:end]


#: For each format: whether data is of it, its size (width, height), and the whole file.
_FORMATS: dict[str, tuple[Callable[[bytes], bool], Callable[[bytes], tuple[int, int]], Callable[[bytes], bytes]]] = {
    "PNG": (lambda data: data.startswith(_PNG_START), _png_size, _whole_png),
    "JPEG": (lambda data: data.startswith(b"\xff\xd8\xff"), _jpeg_size, _whole_jpeg),
    "WebP": (lambda data: data.startswith(b"RIFF") and data[8:12] == b"WEBP", _webp_size, _whole_webp),
    "BMP": (lambda data: data.startswith(b"BM"), _bmp_size, lambda data: data),  # its decoder refuses a cut file
}
