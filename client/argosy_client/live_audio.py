# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Raw audio in pieces, as a stream takes it: from a WAV file, or from what a recorder writes to a pipe."""

import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

#: Audio in one message, in seconds.
PIECE_S = 0.1
_SAMPLE_BYTES = 2


@dataclass(frozen=True, slots=True)
class LiveAudio:
    """16-bit audio that can be read once: its rate in Hz, its channels, and pieces of 0.1 s."""

    rate_hz: int
    channels: int
    pieces: Iterator[bytes]


def wav_file(path: Path) -> LiveAudio:
    """The audio of a WAV file of 16-bit samples.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no such file.
    """
    try:
        file = wave.open(str(path), "rb")  # noqa: SIM115 - the pieces close it
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path} is no WAV file of PCM samples: a stream takes nothing else ({error})") from error
    if file.getsampwidth() != _SAMPLE_BYTES:
        file.close()
        raise ValueError(f"{path} has samples of {8 * file.getsampwidth()} bits; a stream takes 16")
    return LiveAudio(file.getframerate(), file.getnchannels(), _wav_pieces(file))


def raw_pipe(file: BinaryIO, rate_hz: int, channels: int) -> LiveAudio:
    """Raw 16-bit little-endian samples as they arrive."""
    size = max(int(PIECE_S * rate_hz), 1) * channels * _SAMPLE_BYTES
    return LiveAudio(rate_hz, channels, _pipe_pieces(file, size))


def paced(audio: LiveAudio) -> Iterator[bytes]:
    """The pieces, each when it would have been spoken."""
    bytes_per_s = audio.rate_hz * audio.channels * _SAMPLE_BYTES
    started, sent = time.monotonic(), 0
    for piece in audio.pieces:
        sent += len(piece)
        time.sleep(max(started + sent / bytes_per_s - time.monotonic(), 0.0))
        yield piece


def _wav_pieces(file: wave.Wave_read) -> Iterator[bytes]:
    with file:
        frames = max(int(PIECE_S * file.getframerate()), 1)
        while piece := file.readframes(frames):
            yield piece


def _pipe_pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    read = getattr(file, "read1", file.read)
    while piece := read(size):
        yield piece
