# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Files made by hand, honest and hostile ones."""

import io
import struct
import zlib

import numpy as np
import soundfile
from numpy.typing import NDArray


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, pixels: bytes, *, before: bytes = b"") -> bytes:
    """A grey PNG whose header claims a size, whatever ``pixels`` (rows, a filter byte before each) hold.

    ``before`` are chunks that precede the pixels.
    """
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixel_data = chunk(b"IDAT", zlib.compress(pixels, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before + pixel_data + chunk(b"IEND", b"")


def wav(samples: NDArray[np.int16], rate: int, *, claimed_bytes: int | None = None) -> bytes:
    """A WAV of int16 [frames] or [frames, channels]; its header may claim another number of bytes of samples."""
    data = samples.astype("<i2").tobytes()
    size = len(data) if claimed_bytes is None else claimed_bytes
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    head = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", min(len(head) + size, 2**32 - 1)) + head + data


def flac(samples: NDArray[np.int16], rate: int) -> bytes:
    """A FLAC of int16 [frames]."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def read_wav(data: bytes) -> tuple[NDArray[np.int16], int]:
    """Samples of a WAV, int16 [frames], and their rate in Hz."""
    samples, rate = soundfile.read(io.BytesIO(data), dtype="int16")
    return samples, rate
