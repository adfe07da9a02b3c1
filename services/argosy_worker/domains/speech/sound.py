# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From encoded or raw audio to a mono waveform.

Memory grows with the audio that is there, never with what a header claims.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
import soundfile
import soxr
from argosy.speech.v1.speech_pb2 import Audio, PcmAudio, SampleFormat
from numpy.typing import NDArray

from argosy_worker.errors import InvalidInput

Waveform = NDArray[np.float32]

FORMATS = "WAV, FLAC or OGG (Vorbis or Opus)"
MIN_RATE_HZ, MAX_RATE_HZ = 1_000, 384_000
MAX_CHANNELS = 16
#: Largest sample accepted: full scale is 1, and processing may overshoot it a little.
MAX_SAMPLE = 16.0

_CONTAINERS = frozenset({"WAV", "WAVEX", "FLAC", "OGG"})
#: How files of these formats begin.
SIGNATURES = (b"RIFF", b"fLaC", b"OggS")
#: Samples, of all channels, read at a time.
_BLOCK_SAMPLES = 1_048_576
#: Lengths from here on are libsndfile's way to say that a header states none.
_UNKNOWN_FRAMES = 2**62
#: How many times larger than its file compressed audio becomes, about, as work.
_EXPANSION = 64

_PCM_TYPES: dict[int, np.dtype[Any]] = {
    SampleFormat.SAMPLE_FORMAT_UNSPECIFIED: np.dtype("<i2"),
    SampleFormat.SAMPLE_FORMAT_S16: np.dtype("<i2"),
    SampleFormat.SAMPLE_FORMAT_FP32: np.dtype("<f4"),
}


@dataclass(frozen=True, slots=True)
class Encoded:
    """An audio file."""

    data: bytes

    @property
    def cost_bytes(self) -> int:
        """Bytes that decoding writes, about."""
        return len(self.data) * (1 if self.data.startswith(b"RIFF") else _EXPANSION)


@dataclass(frozen=True, slots=True)
class Pcm:
    """Raw samples: int16 or float32 [frames, channels], a view of the message's bytes."""

    samples: NDArray[Any]
    rate_hz: int

    @property
    def cost_bytes(self) -> int:
        """Bytes that mixing reads."""
        return self.samples.nbytes


Source = Encoded | Pcm


@dataclass(frozen=True, slots=True)
class Clip:
    """A mono waveform, float32 [samples], at its own rate."""

    waveform: Waveform
    rate_hz: int

    @property
    def duration_ns(self) -> int:
        """Duration, in nanoseconds."""
        return len(self.waveform) * 1_000_000_000 // self.rate_hz

    def at_rate(self, rate_hz: int) -> Waveform:
        """The waveform resampled."""
        if rate_hz == self.rate_hz:
            return self.waveform
        return np.asarray(soxr.resample(self.waveform, self.rate_hz, rate_hz), np.float32)


def inspect_audio(audio: Audio) -> Source:
    """Checks a clip without decoding it.

    Raises:
        InvalidInput: AUDIO_MISSING, AUDIO_EMPTY, AUDIO_FORMAT_UNSUPPORTED, SAMPLE_RATE_UNSUPPORTED,
            CHANNELS_UNSUPPORTED or PCM_MISMATCH.
    """
    source = audio.WhichOneof("source")
    if source is None:
        raise InvalidInput("audio has no samples; set `encoded` or `pcm`", reason="AUDIO_MISSING")
    if source == "pcm":
        return _inspect_pcm(audio.pcm)
    data = audio.encoded
    if not data:
        raise _empty()
    if not data.startswith(SIGNATURES):
        raise _unsupported()
    return Encoded(data)


def load_clip(source: Source, max_seconds: float) -> Clip:
    """Decodes a clip and mixes its channels to one.

    Raises:
        InvalidInput: AUDIO_CORRUPT, AUDIO_EMPTY, AUDIO_TOO_LONG, AUDIO_LENGTH_UNKNOWN,
            AUDIO_FORMAT_UNSUPPORTED, SAMPLE_RATE_UNSUPPORTED,
            CHANNELS_UNSUPPORTED, VALUE_NOT_FINITE or VALUE_OUT_OF_RANGE.
    """
    clip = _mix_pcm(source, max_seconds) if isinstance(source, Pcm) else _decode(source.data, max_seconds)
    if not len(clip.waveform):
        raise _empty()
    check_samples(clip.waveform)
    return clip


def check_samples(waveform: Waveform) -> None:
    """Checks the values of a waveform, [samples] and not empty.

    Raises:
        InvalidInput: VALUE_NOT_FINITE or VALUE_OUT_OF_RANGE.
    """
    peak = float(np.abs(waveform).max())  # NaN where any sample is
    if not np.isfinite(peak):
        raise InvalidInput("audio holds samples that are not finite", reason="VALUE_NOT_FINITE")
    if peak > MAX_SAMPLE:
        raise InvalidInput(
            f"audio holds a sample of {peak:.6g}; floating-point samples lie in [-1, 1]", reason="VALUE_OUT_OF_RANGE"
        )


def sample_type(sample_format: int, field: str) -> np.dtype[Any]:
    """Type of the samples of a format; ``field`` names it for messages.

    Raises:
        InvalidInput: SAMPLE_FORMAT_UNKNOWN.
    """
    dtype = _PCM_TYPES.get(sample_format)
    if dtype is None:
        raise InvalidInput(
            f"{field} {sample_format} is not known; use SAMPLE_FORMAT_S16 or SAMPLE_FORMAT_FP32",
            reason="SAMPLE_FORMAT_UNKNOWN",
        )
    return dtype


def mono(samples: NDArray[Any]) -> Waveform:
    """The mean over channels, float32 [frames], of int16 or float32 [frames, channels]; full scale is 1."""
    waveform = _mean(samples)
    return waveform / np.float32(32768) if samples.dtype.kind == "i" else waveform


def _inspect_pcm(pcm: PcmAudio) -> Pcm:
    dtype = sample_type(pcm.sample_format, "audio.pcm.sample_format")
    channels, data = pcm.channels or 1, pcm.data
    check_stream(pcm.sample_rate_hz, channels)
    if not data:
        raise _empty()
    if len(data) % (channels * dtype.itemsize):
        raise InvalidInput(
            f"audio.pcm.data holds {len(data)} bytes, which is not a whole number of frames of "
            f"{channels} channels x {dtype.itemsize} bytes",
            reason="PCM_MISMATCH",
            metadata={"bytes": str(len(data)), "frame_bytes": str(channels * dtype.itemsize)},
        )
    return Pcm(np.frombuffer(data, dtype).reshape(-1, channels), pcm.sample_rate_hz)


def _mix_pcm(source: Pcm, max_seconds: float) -> Clip:
    _check_duration(len(source.samples), source.rate_hz, max_seconds)
    return Clip(mono(source.samples), source.rate_hz)


def _decode(data: bytes, max_seconds: float) -> Clip:
    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            if file.format not in _CONTAINERS:
                raise _unsupported()
            check_stream(file.samplerate, file.channels)
            return Clip(_read_blocks(file, max_seconds), file.samplerate)
    except soundfile.SoundFileError as error:
        raise _corrupt() from error


def _read_blocks(file: soundfile.SoundFile, max_seconds: float) -> Waveform:
    """All frames, mono; block by block, because fewer may be there than the header says (never more are read)."""
    if file.frames >= _UNKNOWN_FRAMES:
        raise InvalidInput(
            "audio's header does not state its length, as when it was written to a pipe; write it to a file",
            reason="AUDIO_LENGTH_UNKNOWN",
        )
    _check_duration(file.frames, file.samplerate, max_seconds)
    if not file.frames and file.format == "OGG":  # its length is that of its last page
        raise _corrupt()
    blocks: list[Waveform] = []
    block_frames = _BLOCK_SAMPLES // file.channels
    while True:
        block = file.read(block_frames, dtype="float32", always_2d=True)
        if not len(block):
            return np.concatenate(blocks) if blocks else np.empty(0, np.float32)
        blocks.append(mono(block))


def _mean(samples: NDArray[Any]) -> Waveform:
    if samples.shape[1] == 1:
        return samples[:, 0].astype(np.float32, copy=False)
    with np.errstate(over="ignore", invalid="ignore"):  # hostile floats are refused after mixing
        return np.asarray(samples.mean(axis=1, dtype=np.float32))


def check_stream(rate_hz: int, channels: int) -> None:
    """Checks rate and channels.

    Raises:
        InvalidInput: SAMPLE_RATE_UNSUPPORTED or CHANNELS_UNSUPPORTED.
    """
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise InvalidInput(
            f"audio has a sample rate of {rate_hz} Hz; it must be from {MIN_RATE_HZ:,} to {MAX_RATE_HZ:,} Hz",
            reason="SAMPLE_RATE_UNSUPPORTED",
            metadata={"sample_rate_hz": str(rate_hz)},
        )
    if not 1 <= channels <= MAX_CHANNELS:
        raise InvalidInput(
            f"audio has {channels} channels; it must have from 1 to {MAX_CHANNELS}",
            reason="CHANNELS_UNSUPPORTED",
            metadata={"channels": str(channels)},
        )


def _check_duration(frames: int, rate_hz: int, max_seconds: float) -> None:
    if frames > max_seconds * rate_hz:
        raise InvalidInput(
            f"audio is longer than {max_seconds:g} seconds, the most that this model takes; send a shorter clip",
            reason="AUDIO_TOO_LONG",
            metadata={"limit_seconds": f"{max_seconds:g}"},
        )


def _corrupt() -> InvalidInput:
    return InvalidInput(
        f"audio cannot be decoded as {FORMATS}; the file is damaged or cut short", reason="AUDIO_CORRUPT"
    )


def _empty() -> InvalidInput:
    return InvalidInput("audio holds no samples", reason="AUDIO_EMPTY")


def _unsupported() -> InvalidInput:
    return InvalidInput(
        f"audio is not of a known format; send a {FORMATS} file, or raw samples in `pcm`",
        reason="AUDIO_FORMAT_UNSUPPORTED",
    )
