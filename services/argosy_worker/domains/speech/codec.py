# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A clip to the graph's input, and what of the model's configuration that takes."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import FLOATS, Port, check_methods, check_no_other_inputs, input_port, required
from argosy_worker.domains._shared.labels import LabelReader, prepare_labels
from argosy_worker.domains.speech.features import LogMel, fit_window, normalized, prepare_log_mel
from argosy_worker.domains.speech.sound import Source, load_clip
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.speech import SpeechSection


@dataclass(frozen=True, slots=True)
class SpeechCodec:
    """One model's way with clips."""

    section: SpeechSection
    port: Port
    window_samples: int
    log_mel: LogMel | None
    """None for a model of waveforms."""
    classes: LabelReader

    def decode(self, source: Source) -> tuple[NDArray[Any], int]:
        """A clip as the graph's input, [1, samples] or [1, frames, mel_bins], and its duration in nanoseconds.

        Raises:
            argosy_worker.errors.InvalidInput: see :func:`argosy_worker.domains.speech.sound.load_clip`.
        """
        section = self.section
        clip = load_clip(source, section.max_seconds)
        waveform = fit_window(clip.at_rate(section.sample_rate_hz), self.window_samples, section.hop_samples)
        features: NDArray[np.floating] = waveform if self.log_mel is None else self.log_mel(waveform)
        if section.normalize == "per_clip":
            features = normalized(features)
        return features[None].astype(self.port.dtype), clip.duration_ns


def prepare(graph: LoadedGraph) -> SpeechCodec | None:
    """The codec of a model; None for a model without methods.

    Raises:
        argosy_worker.errors.ModelInvalid: configuration and graph do not fit.
    """
    check_methods(graph, "speech")
    if not graph.config.methods:
        return None
    section = required(graph.config.speech, "speech", ", ".join(graph.config.methods))
    classify = required(section.classify, "speech.classify", "the method Classify")
    samples = max(1, round(section.clip_seconds * section.sample_rate_hz))
    log_mel = prepare_log_mel(section, samples) if section.features == "log_mel" else None
    shape = (samples,) if log_mel is None else (log_mel.frames(samples), section.mel_bins)
    port = input_port(graph, "speech.input", section.input, shape, FLOATS)
    check_no_other_inputs(graph, "speech", [section.input])
    classes = prepare_labels(graph, "speech.classify.output", classify.output, classify.activation)
    return SpeechCodec(section, port, samples, log_mel, classes)
