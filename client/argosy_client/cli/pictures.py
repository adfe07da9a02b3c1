# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures that commands save."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from argosy_client.vision_results import Detections

#: Colours of classes, by turns.
COLOURS = (
    *((40, 40, 46), (230, 97, 1), (94, 60, 153), (27, 158, 119), (231, 41, 138), (102, 166, 30)),
    *((230, 171, 2), (56, 120, 196), (166, 118, 29), (214, 69, 65), (20, 130, 140), (110, 60, 40)),
)


def places(out: Path | None, files: Sequence[Path]) -> Mapping[Path, Path]:
    """Where the picture of each file goes: to ``out`` itself for one file, else into it as a folder, which is made.

    Raises:
        ValueError: Two files have the same name.
    """
    if out is None:
        return {}
    if len(files) == 1:
        return {files[0]: out}
    found = {file: out / f"{file.stem}.png" for file in files}
    if len(set(found.values())) < len(found):
        raise ValueError(f"two of the files have the same name, and so would their pictures in {out}")
    out.mkdir(parents=True, exist_ok=True)
    return found


def save_mask(path: Path, mask: "NDArray[np.uint8]") -> None:
    """Saves a mask, uint8 [height, width], as a PNG with a colour for each class; its pixels are the classes."""
    height, width = mask.shape
    palette = b"".join(bytes(COLOURS[index % len(COLOURS)]) for index in range(256))
    rows = b"".join(b"\0" + row.tobytes() for row in mask)
    chunks = [
        _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        _chunk(b"PLTE", palette),
        _chunk(b"IDAT", zlib.compress(rows)),
        _chunk(b"IEND", b""),
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def save_boxes(path: Path, file: Path, found: "Detections") -> None:
    """Saves a PNG of an image with the boxes of what was found.

    Raises:
        ValueError: Pillow is not installed, or cannot read the image.
        OSError: A file cannot be read or written.
    """
    try:
        from PIL import Image, ImageDraw, ImageFont, ImageOps
    except ImportError:
        raise ValueError("drawing boxes takes Pillow: install 'argosy[cli,vision]'") from None
    with Image.open(file) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    scale = max(1, round(512 / max(picture.size)))
    picture = picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(14)
    for each in reversed(found.detections):  # the best ones on top
        box, colour = each.box, COLOURS[1 + each.label.index % (len(COLOURS) - 1)]
        corners = tuple(edge * scale for edge in (box.x_min, box.y_min, box.x_max, box.y_max))
        draw.rectangle(corners, outline=colour, width=3)
        text = f"{each.label.label} {each.label.score:.2f}"
        left, top = corners[0], max(corners[1] - 18, 0)
        draw.rectangle((left, top, left + draw.textlength(text, font=font) + 6, top + 18), fill=colour)
        draw.text((left + 3, top + 1), text, fill=(255, 255, 255), font=font)
    picture.save(path, "PNG")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
