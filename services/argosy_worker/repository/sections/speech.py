# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Speech."""

from typing import Literal

from pydantic import Field

from argosy_worker.repository.sections.base import ClassOutput, Section

#: Methods of the domain's service that a model may implement.
METHODS = ("Classify",)


class SpeechSection(Section):
    """How an audio clip becomes the graph's input."""

    input: str = Field(description="Name of the graph's input.")
    sample_rate_hz: int = Field(
        ge=1000, le=384000, description="Rate that the model needs, in Hz; clips are resampled to it."
    )
    clip_seconds: float = Field(
        gt=0,
        le=600,
        description="Length of the model's window, in seconds; shorter clips are padded with silence, longer ones "
        "cut to their loudest window.",
    )
    max_seconds: float = Field(default=60.0, gt=0, le=3600, description="Longest clip accepted, in seconds.")
    features: Literal["waveform", "log_mel"] = Field(
        default="waveform",
        description="'waveform': FP32 of shape [batch, samples]; 'log_mel': FP32 of shape [batch, frames, mel_bins].",
    )
    frame_samples: int = Field(
        default=400, ge=16, le=65536, description="log_mel: length of a frame (periodic Hann window), in samples."
    )
    hop_samples: int = Field(default=160, ge=1, le=65536, description="log_mel: step between frames, in samples.")
    fft_size: int = Field(
        default=512, ge=16, le=65536, description="log_mel: length of the Fourier transform, in samples."
    )
    mel_bins: int = Field(default=40, ge=1, le=512, description="log_mel: number of mel bands (HTK scale, triangular).")
    mel_low_hz: float = Field(default=20.0, ge=0, description="log_mel: lower edge of the first band, in Hz.")
    mel_high_hz: float | None = Field(
        default=None, description="log_mel: upper edge of the last band, in Hz; null means half the sample rate."
    )
    log_floor: float = Field(
        default=1e-6, gt=0, description="log_mel: added to the power in each band before the natural logarithm."
    )
    normalize: Literal["none", "per_clip"] = Field(
        default="per_clip",
        description="'per_clip': features of a clip are shifted and scaled to mean 0 and standard deviation 1.",
    )
    classify: ClassOutput | None = Field(default=None, description="Output read by Classify.")
