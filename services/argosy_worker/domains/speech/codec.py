# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What of a model's configuration each method needs, checked and computed once."""

from dataclasses import dataclass
from typing import Any, TypeVar

from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import (
    FLOATS,
    Port,
    check_methods,
    check_no_other_inputs,
    input_port,
    invalid,
    required,
)
from argosy_worker.domains._shared.labels import LabelReader, prepare_labels
from argosy_worker.domains.speech.features import LogMel, fit_window, normalized, prepare_log_mel
from argosy_worker.domains.speech.hearing import Ctc, prepare_ctc
from argosy_worker.domains.speech.sound import Source, Waveform, load_clip
from argosy_worker.domains.speech.voice import VoiceDetector, prepare_detector
from argosy_worker.errors import MethodNotSupported
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.speech import SpeechSection

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class ClipClassifier:
    """How a clip becomes the input of a model of a fixed window, and its output labels."""

    section: SpeechSection
    port: Port
    window_samples: int
    log_mel: LogMel | None
    """None for a model of waveforms."""
    classes: LabelReader

    def features(self, waveform: Waveform) -> NDArray[Any]:
        """The graph's input, [1, samples] or [1, frames, mel_bins], of a waveform at the model's rate."""
        window = fit_window(waveform, self.window_samples, self.section.hop_samples)
        return self.finished((window if self.log_mel is None else self.log_mel(window))[None])

    def finished(self, features: NDArray[Any]) -> NDArray[Any]:
        """Features [items, ...] normalised, each item by itself, and of the graph's type."""
        if self.section.normalize == "per_clip":
            features = normalized(features, batched=True)
        return features.astype(self.port.dtype)


@dataclass(frozen=True, slots=True)
class SpeechCodec:
    """One model's way with clips; a part is None where no method of the model needs it."""

    section: SpeechSection
    classifier: ClipClassifier | None
    ctc: Ctc | None
    detector: VoiceDetector

    @property
    def required_classifier(self) -> ClipClassifier:
        """The part that every model of Classify and Explain has."""
        return _of_method(self.classifier)

    @property
    def required_ctc(self) -> Ctc:
        """The part that every model of Recognize and StreamingRecognize has."""
        return _of_method(self.ctc)

    def load(self, source: Source) -> tuple[Waveform, int]:
        """A clip as float32 [samples] at the model's rate, and its duration in nanoseconds.

        Raises:
            argosy_worker.errors.InvalidInput: see :func:`argosy_worker.domains.speech.sound.load_clip`.
        """
        clip = load_clip(source, self.section.max_seconds)
        return clip.at_rate(self.section.sample_rate_hz), clip.duration_ns

    def decode(self, source: Source) -> tuple[NDArray[Any], int]:
        """A clip as the classifier's input, and its duration in nanoseconds.

        Raises:
            argosy_worker.errors.InvalidInput: see :meth:`load`.
        """
        waveform, duration_ns = self.load(source)
        return self.required_classifier.features(waveform), duration_ns


def prepare(graph: LoadedGraph) -> SpeechCodec | None:
    """The codec of a model; None for a model without methods.

    Raises:
        argosy_worker.errors.ModelInvalid: configuration and graph do not fit.
    """
    check_methods(graph, "speech")
    methods = graph.config.methods
    if not methods:
        return None
    section = required(graph.config.speech, "speech", ", ".join(methods))
    classifying = [method for method in methods if method in ("Classify", "Explain")]
    recognizing = [method for method in methods if method in ("Recognize", "StreamingRecognize")]
    if classifying and recognizing:
        raise invalid("methods", f"one model has either {classifying[0]} or {recognizing[0]}, not both")
    return SpeechCodec(
        section=section,
        classifier=_classifier(graph, section, classifying[0]) if classifying else None,
        ctc=_ctc(graph, section) if recognizing else None,
        detector=prepare_detector(section.detect, section.sample_rate_hz),
    )


def _classifier(graph: LoadedGraph, section: SpeechSection, method: str) -> ClipClassifier:
    classify = required(section.classify, "speech.classify", f"the method {method}")
    seconds = required(section.clip_seconds, "speech.clip_seconds", f"the method {method}")
    samples = max(1, round(seconds * section.sample_rate_hz))
    log_mel = prepare_log_mel(section, samples) if section.features == "log_mel" else None
    shape = (samples,) if log_mel is None else (log_mel.frames(samples), section.mel_bins)
    port = input_port(graph, "speech.input", section.input, shape, FLOATS)
    check_no_other_inputs(graph, "speech", [section.input])
    classes = prepare_labels(graph, "speech.classify.output", classify.output, classify.activation)
    return ClipClassifier(section, port, samples, log_mel, classes)


def _ctc(graph: LoadedGraph, section: SpeechSection) -> Ctc:
    return prepare_ctc(graph, section, prepare_log_mel(section) if section.features == "log_mel" else None)


def _of_method(part: Part | None) -> Part:
    if part is None:
        raise MethodNotSupported("the model is not configured for this method")
    return part
