# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Where in a clip somebody speaks, told by loudness above a background that is followed; no model runs.

For each moment the level of every mel band is compared with the band's floor, which is low where and when the band is
quiet. What rises above the floor in many bands is speech; steady noise, however loud, is not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains.speech.features import LogMel, mel_bank
from argosy_worker.domains.speech.sound import Waveform
from argosy_worker.repository.sections.speech import DetectSection

_FRAME_S, _HOP_S = 0.025, 0.01
_BANDS, _LOW_HZ, _HIGH_HZ = 24, 100.0, 6000.0
#: Power below which all is silence, about that of a 16-bit file's last bit.
_LEAST_POWER = 1e-4
#: The floor of a block is this share of its levels; that of a moment, the least of the blocks around it.
_BLOCK_FRAMES, _BLOCK_QUANTILE, _NEIGHBOURS = 50, 0.2, 3
#: Frames over which levels are averaged.
_SMOOTHED = 7
#: Change of the mean level, in dB, that multiplies the odds by e.
_SLOPE_DB = 1.0
_DB = 10.0 / np.log(10.0)


@dataclass(frozen=True, slots=True)
class Segment:
    """A part in which somebody speaks, in seconds, and the mean probability of that."""

    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class VoiceDetector:
    """What one sample rate needs."""

    section: DetectSection
    rate_hz: int
    log_mel: LogMel

    def segments(self, waveform: Waveform) -> list[Segment]:
        """The segments of a waveform [samples], in order; they do not overlap."""
        found = self.probabilities(waveform)
        speaking = found > 0.5
        section, hop_s = self.section, _HOP_S
        speaking = _closed(speaking, round(section.min_silence_ms / 1000 / hop_s))
        end_s = len(waveform) / self.rate_hz
        padding_s, previous_end = section.padding_ms / 1000, 0.0
        segments: list[Segment] = []
        for start, end in _runs(speaking):
            if (end - start) * hop_s < section.min_speech_ms / 1000:
                continue
            start_s = max(start * hop_s - padding_s, previous_end)
            previous_end = min(end * hop_s + padding_s, end_s)
            segments.append(Segment(start_s, previous_end, float(found[start:end].mean())))
        return segments

    def probabilities(self, waveform: Waveform) -> NDArray[np.float64]:
        """Probability of speech every 10 ms, [frames]."""
        log_mel = self.log_mel
        frame = len(log_mel.hann)
        if len(waveform) < frame:
            return np.zeros(1)
        before = frame // (2 * log_mel.hop_samples)  # frames whose middle would lie before the first whole one's
        levels = _smoothed(np.pad(log_mel(waveform), ((before, before), (0, 0)), "edge")) * _DB
        above_db = np.maximum(levels - _floor(levels), 0.0).mean(axis=1)
        return np.asarray(1.0 / (1.0 + np.exp(-(above_db - self.section.threshold_db) / _SLOPE_DB)))


def prepare_detector(section: DetectSection, rate_hz: int) -> VoiceDetector:
    """The detector for audio of a rate."""
    frame = max(round(_FRAME_S * rate_hz), 16)
    fft_size = 1 << (frame - 1).bit_length()
    high_hz = min(_HIGH_HZ, rate_hz / 2)
    log_mel = LogMel(
        hann=np.hanning(frame + 1)[:-1],
        bank=mel_bank(rate_hz, fft_size, _BANDS, min(_LOW_HZ, high_hz / 4), high_hz),
        hop_samples=max(round(_HOP_S * rate_hz), 1),
        fft_size=fft_size,
        log_floor=_LEAST_POWER,
    )
    return VoiceDetector(section, rate_hz, log_mel)


def _smoothed(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means over neighbouring frames, of the same shape."""
    half = _SMOOTHED // 2
    sums = np.cumsum(np.pad(levels, ((half + 1, half), (0, 0)), "edge"), axis=0)
    return np.asarray((sums[_SMOOTHED:] - sums[:-_SMOOTHED]) / _SMOOTHED)


def _floor(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """What each band falls to around each frame, [frames, bands]."""
    blocks = np.array_split(levels, max(round(len(levels) / _BLOCK_FRAMES), 1))
    quiet = np.stack([np.quantile(block, _BLOCK_QUANTILE, axis=0) for block in blocks])
    least = [quiet[max(place - _NEIGHBOURS, 0) : place + _NEIGHBOURS + 1].min(axis=0) for place in range(len(blocks))]
    return np.concatenate([np.tile(low, (len(block), 1)) for low, block in zip(least, blocks, strict=True)])


def _runs(speaking: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Begin and end of each run of frames."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], speaking, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _closed(speaking: NDArray[np.bool_], shortest: int) -> NDArray[np.bool_]:
    """The same with gaps closed that are shorter than so many frames, but for the ends."""
    closed = speaking.copy()
    for start, end in _runs(~speaking):
        if start > 0 and end < len(speaking) and end - start < shortest:
            closed[start:end] = True
    return closed
