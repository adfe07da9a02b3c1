# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Draws a small grey PNG with half blocks, so that the demo shows what the model saw without an imaging library."""

import struct
import zlib

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
#: Brightness (0 to 255) from which a pixel is drawn.
THRESHOLD = 96
#: Largest extent that is read, in pixels.
MAX_EXTENT = 64
#: Largest extent that is drawn, in pixels; a larger picture is reduced by a whole factor.
DRAWN_EXTENT = 16


def half_blocks(png: bytes) -> list[str]:
    """Draws a picture, two rows of pixels in each line; empty lines above and below are left out.

    Returns:
        The lines; none for a picture that is not a PNG of 8-bit grey, not interlaced, at most 64 x 64 pixels.
    """
    pixels = _grey_rows(png)
    if not pixels:
        return []
    pixels = _reduced(pixels)
    if len(pixels) % 2:
        pixels.append(bytes(len(pixels[0])))
    lines = [
        "".join(map(_block, upper, lower)).rstrip() for upper, lower in zip(pixels[::2], pixels[1::2], strict=True)
    ]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line), default=0)
    return [line[indent:] for line in lines]


def _reduced(pixels: list[bytes]) -> list[bytes]:
    """Takes the mean of squares of pixels, so that the larger extent fits."""
    factor = -(-max(len(pixels), len(pixels[0])) // DRAWN_EXTENT)
    return [
        bytes(
            sum(sum(row[x : x + factor]) for row in pixels[y : y + factor]) // factor**2
            for x in range(0, len(pixels[0]), factor)
        )
        for y in range(0, len(pixels), factor)
    ]


def _block(upper: int, lower: int) -> str:
    return " ▄▀█"[2 * (upper >= THRESHOLD) + (lower >= THRESHOLD)]


def _grey_rows(png: bytes) -> list[bytes]:
    chunks = _chunks(png)
    header = chunks.get(b"IHDR", b"")
    if len(header) != 13:
        return []
    width, height, *kind = struct.unpack(">IIBBBBB", header)
    if kind != [8, 0, 0, 0, 0] or not (0 < width <= MAX_EXTENT and 0 < height <= MAX_EXTENT):
        return []
    data = zlib.decompressobj().decompress(chunks.get(b"IDAT", b""), height * (width + 1))
    if len(data) != height * (width + 1):
        return []
    rows, above = [], bytes(width)
    for start in range(0, len(data), width + 1):
        above = _unfiltered(data[start], data[start + 1 : start + 1 + width], above)
        rows.append(above)
    return rows


def _chunks(png: bytes) -> dict[bytes, bytes]:
    """Chunks by type, those of one type joined."""
    found: dict[bytes, bytes] = {}
    place = len(_SIGNATURE)
    while png.startswith(_SIGNATURE) and place + 8 <= len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        found[kind] = found.get(kind, b"") + png[place + 8 : place + 8 + length]
        place += length + 12
    return found


def _unfiltered(kind: int, line: bytes, above: bytes) -> bytes:
    """Undoes a line's PNG filter: each byte was stored as its difference from a prediction."""
    row = bytearray()
    for index, byte in enumerate(line):
        left = row[index - 1] if index else 0
        corner = above[index - 1] if index else 0
        guess = (0, left, above[index], (left + above[index]) // 2, _paeth(left, above[index], corner))[kind]
        row.append((byte + guess) & 0xFF)
    return bytes(row)


def _paeth(left: int, above: int, corner: int) -> int:
    """The neighbour that is nearest to left + above - corner."""
    estimate = left + above - corner
    return min((left, above, corner), key=lambda neighbour: abs(estimate - neighbour))
