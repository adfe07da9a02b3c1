# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From a mono waveform to what a speech model sees. Everything that depends on the model alone is computed once."""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import invalid
from argosy_worker.repository.sections.speech import SpeechSection

#: Added to the standard deviation, so that silence is not divided by 0.
_NORMALIZE_FLOOR = 1e-5


@dataclass(frozen=True, slots=True)
class LogMel:
    """Logarithms of the power in mel bands, frame by frame."""

    hann: NDArray[np.float64]
    """[frame_samples]"""
    bank: NDArray[np.float64]
    """[fft_size / 2 + 1, mel_bins]"""
    hop_samples: int
    fft_size: int
    log_floor: float

    def frames(self, samples: int) -> int:
        """Number of frames in a waveform."""
        return 1 + (samples - len(self.hann)) // self.hop_samples

    def __call__(self, waveform: NDArray[np.float32]) -> NDArray[np.float64]:
        """Features [frames, mel_bins] of a waveform [samples]."""
        frames = sliding_window_view(waveform, len(self.hann))[:: self.hop_samples] * self.hann
        spectrum = np.fft.rfft(frames, n=self.fft_size, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        return np.asarray(np.log(power @ self.bank + self.log_floor))


def prepare_log_mel(section: SpeechSection, window_samples: int | None = None) -> LogMel:
    """Window and filters of a model; ``window_samples`` is the length of its clips where that is fixed.

    Raises:
        argosy_worker.errors.ModelInvalid: the lengths or frequencies do not fit together.
    """
    high_hz = section.sample_rate_hz / 2 if section.mel_high_hz is None else section.mel_high_hz
    if section.fft_size < section.frame_samples:
        raise invalid("speech.fft_size", f"must be at least frame_samples ({section.frame_samples})")
    if window_samples is not None and window_samples < section.frame_samples:
        raise invalid("speech.frame_samples", f"must be at most the window, {window_samples} samples")
    if not section.mel_low_hz < high_hz <= section.sample_rate_hz / 2:
        raise invalid(
            "speech.mel_high_hz",
            f"must be more than mel_low_hz and at most half of sample_rate_hz, {section.sample_rate_hz / 2:g}",
        )
    return LogMel(
        hann=0.5 - 0.5 * np.cos(2 * np.pi * np.arange(section.frame_samples) / section.frame_samples),
        bank=mel_bank(section.sample_rate_hz, section.fft_size, section.mel_bins, section.mel_low_hz, high_hz),
        hop_samples=section.hop_samples,
        fft_size=section.fft_size,
        log_floor=section.log_floor,
    )


def mel_bank(rate_hz: int, fft_size: int, bins: int, low_hz: float, high_hz: float) -> NDArray[np.float64]:
    """Triangles of height 1 with edges evenly spaced on the HTK mel scale, [fft_size / 2 + 1, bins]."""
    low_mel, high_mel = 2595.0 * np.log10(1.0 + np.array([low_hz, high_hz]) / 700.0)
    edges = 700.0 * (10.0 ** (np.linspace(low_mel, high_mel, bins + 2) / 2595.0) - 1.0)
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    frequencies = (np.arange(fft_size // 2 + 1) * rate_hz / fft_size)[:, None]
    rising, falling = (frequencies - low) / (middle - low), (high - frequencies) / (high - middle)
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


def fit_window(waveform: NDArray[np.float32], samples: int, hop_samples: int) -> NDArray[np.float32]:
    """A waveform of exactly ``samples``: padded with silence at its end, or its loudest window.

    Windows begin every ``hop_samples``; the first of equally loud ones is taken.
    """
    start = window_start(waveform, samples, hop_samples)
    return np.pad(waveform[start : start + samples], (0, max(samples - len(waveform), 0)))


def window_start(waveform: NDArray[np.float32], samples: int, hop_samples: int) -> int:
    """The sample at which the window of :func:`fit_window` begins."""
    if len(waveform) <= samples:
        return 0
    sums = np.concatenate([[0.0], np.cumsum(np.square(waveform, dtype=np.float64))])
    starts = np.arange(0, len(waveform) - samples + 1, hop_samples)
    return int(starts[np.argmax(sums[starts + samples] - sums[starts])])


def normalized(features: NDArray[np.floating], *, batched: bool = False) -> NDArray[np.float64]:
    """Features with mean 0 and standard deviation 1 over the whole clip, or over each of the first dimension."""
    values = features.astype(np.float64)
    axes = tuple(range(1, values.ndim)) if batched else None
    return np.asarray(
        (values - values.mean(axis=axes, keepdims=True)) / (values.std(axis=axes, keepdims=True) + _NORMALIZE_FLOOR)
    )
