# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Raw audio that arrives in pieces, as a waveform at the model's rate."""

import numpy as np
import soxr
from argosy.speech.v1.speech_pb2 import StreamingConfig

from argosy_worker.domains.speech.sound import SIGNATURES, Waveform, check_samples, check_stream, mono, sample_type
from argosy_worker.errors import InvalidInput

#: Longest piece of a stream, in bytes.
MAX_PIECE_BYTES = 1 << 20
#: Bytes are gathered until they last so long: pieces of one byte would each cost as much.
_GATHERED_S = 0.02


class LiveSound:
    """One stream's way from bytes to samples.

    Pieces may end within a sample. What is left of one waits for the next.
    """

    def __init__(self, config: StreamingConfig, rate_hz: int, max_seconds: float) -> None:
        """
        Args:
            config: What the bytes are.
            rate_hz: Rate of the waveform.
            max_seconds: Most audio of the stream.

        Raises:
            InvalidInput: SAMPLE_RATE_UNSUPPORTED, CHANNELS_UNSUPPORTED or SAMPLE_FORMAT_UNKNOWN.
        """
        self._dtype = sample_type(config.sample_format, "config.sample_format")
        self._channels = config.channels or 1
        check_stream(config.sample_rate_hz, self._channels)
        self._frame_bytes = self._channels * self._dtype.itemsize
        self._least = max(int(_GATHERED_S * config.sample_rate_hz), 1) * self._frame_bytes
        self._bytes_per_s = config.sample_rate_hz * self._frame_bytes
        self._max_seconds = max_seconds
        same = rate_hz == config.sample_rate_hz
        self._resampler = None if same else soxr.ResampleStream(config.sample_rate_hz, rate_hz, 1, dtype="float32")
        self._waiting = bytearray()
        self._received = 0

    @property
    def seconds(self) -> float:
        """Audio received so far."""
        return self._received / self._bytes_per_s

    def accept(self, piece: bytes) -> None:
        """Takes a piece, without converting it.

        Raises:
            InvalidInput: AUDIO_PIECE_TOO_LARGE, AUDIO_TOO_LONG or AUDIO_NOT_RAW.
        """
        if len(piece) > MAX_PIECE_BYTES:
            raise InvalidInput(
                f"a piece of audio has {len(piece):,} bytes; send at most {MAX_PIECE_BYTES:,} in one message",
                reason="AUDIO_PIECE_TOO_LARGE",
                metadata={"limit": str(MAX_PIECE_BYTES)},
            )
        if not self._received and piece.startswith(SIGNATURES):
            raise InvalidInput(
                "the audio begins like a file; send raw samples without a header, or the whole file by Recognize",
                reason="AUDIO_NOT_RAW",
            )
        self._received += len(piece)
        if self.seconds > self._max_seconds:
            raise InvalidInput(
                f"the stream holds more than {self._max_seconds:g} seconds of audio, the most that this model takes; "
                "begin another one",
                reason="AUDIO_TOO_LONG",
                metadata={"limit_seconds": f"{self._max_seconds:g}"},
            )
        self._waiting += piece

    @property
    def ready_bytes(self) -> int:
        """Bytes that :meth:`convert` would convert; 0 while they are too few to be worth it."""
        return len(self._waiting) if len(self._waiting) >= self._least else 0

    def convert(self, last: bool = False) -> Waveform:
        """What has been accepted, float32 [samples]; ``last`` takes all there is, less a sample that is cut.

        Raises:
            InvalidInput: VALUE_NOT_FINITE or VALUE_OUT_OF_RANGE.
        """
        whole = len(self._waiting) - len(self._waiting) % self._frame_bytes
        data = bytes(self._waiting[:whole])
        del self._waiting[:whole]
        waveform = mono(np.frombuffer(data, self._dtype).reshape(-1, self._channels))
        if len(waveform):
            check_samples(waveform)
        if self._resampler is not None:
            waveform = np.asarray(self._resampler.resample_chunk(waveform, last=last), np.float32)
        return waveform
