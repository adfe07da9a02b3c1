# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import struct
import zlib

import numpy as np
import pytest
from argosy_client.demo import samples
from argosy_client.demo.picture import _grey_rows, half_blocks
from PIL import Image


def _png(pixels: np.ndarray, *, filter_type: int = 0) -> bytes:
    """A grey PNG whose lines all have one filter, written by hand so that the filter is sure."""
    height, width = pixels.shape
    lines = []
    for index in range(height):
        row, above = pixels[index].astype(int), pixels[index - 1].astype(int) if index else np.zeros(width, int)
        left, corner = np.roll(row, 1), np.roll(above, 1)
        left[0] = corner[0] = 0
        guess = (np.zeros(width, int), left, above, (left + above) // 2, _paeth(left, above, corner))[filter_type]
        lines.append(bytes([filter_type]) + ((row - guess) % 256).astype(np.uint8).tobytes())
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(lines))), (b"IEND", b""))
    parts = (struct.pack(">I", len(data)) + kind + data + bytes(4) for kind, data in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _paeth(left: np.ndarray, above: np.ndarray, corner: np.ndarray) -> np.ndarray:
    estimate = left + above - corner
    gaps = [abs(estimate - one) for one in (left, above, corner)]
    return np.select([(gaps[0] <= gaps[1]) & (gaps[0] <= gaps[2]), gaps[1] <= gaps[2]], [left, above], default=corner)


@pytest.mark.parametrize("filter_type", range(5))
def test_every_png_filter_is_undone(filter_type: int) -> None:
    pixels = np.random.default_rng(filter_type).integers(0, 256, (9, 7), dtype=np.uint8)

    assert _grey_rows(_png(pixels, filter_type=filter_type)) == [row.tobytes() for row in pixels]


def test_the_demo_s_digit_is_read_as_an_imaging_library_reads_it() -> None:
    import io

    (content,) = samples()[0].files.values()
    expected = np.asarray(Image.open(io.BytesIO(content)))

    assert _grey_rows(content) == [row.tobytes() for row in expected]
    assert 3 < len(half_blocks(content)) <= 7


def test_two_rows_of_pixels_are_one_line_and_margins_are_cut() -> None:
    pixels = np.array([[0, 0, 0], [0, 0, 0], [0, 255, 255], [0, 0, 255], [0, 255, 0]], dtype=np.uint8)

    assert half_blocks(_png(pixels)) == ["▀█", "▀"]


def test_a_larger_picture_is_reduced() -> None:
    pixels = np.zeros((32, 32), np.uint8)
    pixels[:, :16] = 255

    assert half_blocks(_png(pixels)) == ["█" * 8] * 8


@pytest.mark.parametrize(
    "content",
    [b"", b"no png", _png(np.zeros((65, 65), np.uint8)), _png(np.ones((4, 4), np.uint8))[:40]],
    ids=["empty", "other", "large", "cut"],
)
def test_anything_else_has_no_picture(content: bytes) -> None:
    assert half_blocks(content) == []
