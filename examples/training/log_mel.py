# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Log-mel features exactly as ``SpeechSection`` of model.yaml declares them and the worker computes them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from common import Array
from numpy.lib.stride_tricks import sliding_window_view


@dataclass(frozen=True)
class LogMel:
    """The parameters of ``features: log_mel``, named as in model.yaml."""

    sample_rate_hz: int = 16_000
    clip_seconds: float = 1.0
    frame_samples: int = 400
    hop_samples: int = 160
    fft_size: int = 512
    mel_bins: int = 40
    mel_low_hz: float = 60.0
    mel_high_hz: float = 7600.0
    log_floor: float = 1e-6

    @property
    def clip_samples(self) -> int:
        """Length of the model's window, in samples."""
        return round(self.clip_seconds * self.sample_rate_hz)

    @property
    def frames(self) -> int:
        """Number of frames in the window."""
        return 1 + (self.clip_samples - self.frame_samples) // self.hop_samples

    def window(self, waveform: Array) -> Array:
        """The loudest window of a longer clip; a shorter clip with zeros at its end."""
        surplus = len(waveform) - self.clip_samples
        if surplus <= 0:
            return np.pad(waveform, (0, -surplus))
        energy = np.concatenate([[0.0], np.cumsum(waveform.astype(np.float64) ** 2)])
        starts = np.arange(0, surplus + 1, self.hop_samples)
        start = starts[np.argmax(energy[starts + self.clip_samples] - energy[starts])]
        return waveform[start : start + self.clip_samples]

    @cached_property
    def filterbank(self) -> Array:
        """Triangular filters [fft_size / 2 + 1, mel_bins], evenly spaced on the HTK mel scale, each of height 1."""
        low, high = 2595 * np.log10(1 + np.array([self.mel_low_hz, self.mel_high_hz]) / 700)
        edges = 700 * (10 ** (np.linspace(low, high, self.mel_bins + 2) / 2595) - 1)
        lower, middle, upper = edges[:-2], edges[1:-1], edges[2:]
        frequency = np.arange(self.fft_size // 2 + 1)[:, None] * self.sample_rate_hz / self.fft_size
        rising, falling = (frequency - lower) / (middle - lower), (upper - frequency) / (upper - middle)
        return np.asarray(np.maximum(0, np.minimum(rising, falling)), dtype=np.float32)

    def log_power(self, waveform: Array) -> Array:
        """Logarithms of the power in each band, float32 [frames, mel_bins], of every whole frame of a waveform."""
        frames = sliding_window_view(waveform, self.frame_samples)[:: self.hop_samples]
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.frame_samples) / self.frame_samples)
        power = np.abs(np.fft.rfft(frames * hann, n=self.fft_size, axis=1)) ** 2
        return np.asarray(np.log(power @ self.filterbank + self.log_floor), dtype=np.float32)

    def features(self, waveform: Array) -> Array:
        """Features float32 [frames, mel_bins] of a mono float32 waveform, normalized to mean 0 and deviation 1."""
        mel = self.log_power(self.window(waveform)).astype(np.float64)
        return np.asarray((mel - mel.mean()) / (mel.std() + 1e-5), dtype=np.float32)
