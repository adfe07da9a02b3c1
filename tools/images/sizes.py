# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How large an image's layers are, uncompressed, from the file that ``docker save`` writes."""

import gzip
import json
import tarfile
from pathlib import Path
from typing import IO

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"


def layer_sizes(archive: Path) -> list[int]:
    """Bytes of each layer's uncompressed archive, the base's first."""
    with tarfile.open(archive) as saved:
        (image,) = json.load(_member(saved, "manifest.json"))
        return [_size(saved, layer) for layer in image["Layers"]]


def _size(archive: tarfile.TarFile, layer: str) -> int:
    # A layer that repeats an earlier one may be a link to it.
    information = archive.getmember(layer)
    stored = _member(archive, information.linkname if information.issym() else layer)
    compressed = stored.read(len(_GZIP)) == _GZIP
    stored.seek(0)
    if not compressed:
        return stored.seek(0, 2)
    total = 0
    with gzip.open(stored) as unpacked:
        while chunk := unpacked.read(_CHUNK):
            total += len(chunk)
    return total


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    member = archive.extractfile(name)
    if member is None:
        raise ValueError(f"{name} is no file in the saved image")
    return member
