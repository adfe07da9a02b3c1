# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a shared library asks the loader for, read from its file: no tool and no attempt to load it is needed."""

import mmap
import struct
from pathlib import Path

_LOADED, _DYNAMIC = 1, 2
"""Kinds of segments."""
_END, _NEEDED, _STRINGS = 0, 1, 5
"""Tags of dynamic entries."""


def needed(path: Path) -> tuple[str, ...]:
    """Returns the names of the libraries that a 64-bit little-endian ELF file needs, in its order.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not such a file, or is damaged.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as image:
        if image[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path}: not a 64-bit little-endian ELF file")
        try:
            return _needed(image)
        except (struct.error, StopIteration) as error:
            raise ValueError(f"{path}: damaged, its dynamic section leads nowhere") from error


def _needed(image: mmap.mmap) -> tuple[str, ...]:
    (start,) = struct.unpack_from("<Q", image, 32)
    size, count = struct.unpack_from("<HH", image, 54)
    segments = [struct.unpack_from("<IIQQQQ", image, start + index * size) for index in range(count)]
    entries = [
        entry
        for kind, _, offset, _, _, length in segments
        if kind == _DYNAMIC
        for entry in _entries(image, offset, length)
    ]
    strings = next((value for tag, value in entries if tag == _STRINGS), 0)
    # The table's place is given as in memory; the segment that holds it tells where that is in the file.
    table = next(
        offset + strings - at
        for kind, _, offset, at, _, length in segments
        if kind == _LOADED and at <= strings < at + length
    )
    return tuple(_text(image, table + value) for tag, value in entries if tag == _NEEDED)


def _entries(image: mmap.mmap, offset: int, length: int) -> list[tuple[int, int]]:
    found = []
    for tag, value in struct.iter_unpack("<qQ", image[offset : offset + length]):
        if tag == _END:
            break
        found.append((tag, value))
    return found


def _text(image: mmap.mmap, offset: int) -> str:
    return image[offset : image.find(b"\0", offset)].decode("ascii", "replace")
