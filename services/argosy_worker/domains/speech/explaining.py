# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``Explain``: which parts of a clip its label rests on, by silencing one segment of time after another."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from argosy.common.v1.explanation_pb2 import ExplanationOptions, Rendering, RenderingFormat
from argosy.speech.v1 import speech_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain.explaining import explain as explained
from argosy_worker.domains._shared.explain.game import Fillers, Game, Masks
from argosy_worker.domains._shared.explain.pictures import PNG
from argosy_worker.domains.speech.codec import ClipClassifier, SpeechCodec
from argosy_worker.domains.speech.features import fit_window, window_start
from argosy_worker.domains.speech.picture import draw
from argosy_worker.domains.speech.sound import Source, Waveform, inspect_audio
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import Call

DEFAULT_SEGMENTS, LEAST_SEGMENTS, MOST_SEGMENTS = 20, 2, 256


@dataclass(frozen=True, slots=True)
class Hushed:
    """The window that the model hears, with any of its segments silenced.

    Features of what is silenced are those of silence; a frame belongs to the segment of its middle.
    """

    classifier: ClipClassifier
    waveform: Waveform
    """The part of the clip in the window, without padding."""
    start_s: float
    features: NDArray[Any]
    """Before normalisation, [frames, mel_bins] or [samples]."""
    silence: NDArray[Any]
    """The same of silence."""
    segment_of: NDArray[np.intp]
    """Segment of each frame or sample; padding belongs to the last."""
    segments: int

    def inputs(self, masks: Masks, fillers: Fillers) -> Tensors:
        """One item for each row of masks, bool [evaluations, segments]."""
        kept = masks[:, self.segment_of]
        shaped = kept.reshape(*kept.shape, *([1] * (self.features.ndim - 1)))
        return {self.classifier.port.name: self.classifier.finished(np.where(shaped, self.features, self.silence))}

    def bounds_s(self) -> NDArray[np.float64]:
        """Where segments begin in the clip, and the end of the last, in seconds."""
        rate = self.classifier.section.sample_rate_hz
        return self.start_s + np.linspace(0, len(self.waveform) / rate, self.segments + 1)


async def explain(request: pb.ExplainRequest, call: Call) -> pb.ExplainResponse:
    """Explains a clip's label."""
    codec: SpeechCodec = call.codec
    classifier, options = codec.required_classifier, request.options
    count = _segment_count(request.segment_count)
    _check_rendering(options)
    source = inspect_audio(request.audio)
    hushed: Hushed = await call.offload(_hushed, codec, source, count, payload_bytes=source.cost_bytes)
    whole = np.ones((1, count), bool)
    labels = classifier.classes.read(await call.infer_behind(hushed.inputs(whole, np.zeros(1, np.intp))), 1)[0]
    target = labels[0] if not options.target else next((one for one in labels if one.label == options.target), None)
    if target is None:
        raise InvalidInput(
            f"options.target is {options.target[:80]!r}, which is no label of the model",
            reason="TARGET_UNKNOWN",
            metadata={"target": options.target[:80]},
        )

    def score(outputs: Tensors, items: int) -> NDArray[Any]:
        rows = classifier.classes.read(outputs, items)
        return np.array([next(one.score for one in row if one.index == target.index) for row in rows])

    game = Game(call, count, hushed.inputs, score)
    found = await explained(game, options, {"occlusion": "occlusion"}, target.label, codec.section.explain)
    response = pb.ExplainResponse(summary=found.summary)
    bounds = hushed.bounds_s()
    for start, end, value in zip(bounds, bounds[1:], found.attributions, strict=False):
        segment = response.segments.add(attribution=value)
        segment.start.FromMilliseconds(round(start * 1000))
        segment.end.FromMilliseconds(round(end * 1000))
    if options.rendering == RenderingFormat.RENDERING_FORMAT_PNG:
        title = f"{target.label}: {found.summary.value:.3f}"
        data = await call.offload(draw, title, hushed.waveform, bounds, found.attributions, payload_bytes=1 << 20)
        response.summary.rendering.CopyFrom(Rendering(media_type=PNG, data=data))
    return response


def _hushed(codec: SpeechCodec, source: Source, segments: int) -> Hushed:
    """Raises InvalidInput as :meth:`SpeechCodec.load` does, and SEGMENTS_OUT_OF_RANGE for a clip that is too short."""
    classifier = codec.required_classifier
    waveform, _ = codec.load(source)
    samples, hop = classifier.window_samples, classifier.section.hop_samples
    start = window_start(waveform, samples, hop)
    window, heard = fit_window(waveform, samples, hop), waveform[start : start + samples]
    if len(heard) < segments:
        raise InvalidInput(
            f"segment_count is {segments}, and the clip has {len(heard)} samples: ask for fewer",
            reason="SEGMENTS_OUT_OF_RANGE",
        )
    if classifier.log_mel is None:
        features: NDArray[Any] = window
        middles = np.arange(samples)
    else:
        features = classifier.log_mel(window)
        middles = np.arange(len(features)) * hop + len(classifier.log_mel.hann) // 2
    silent = np.zeros_like(window)
    return Hushed(
        classifier=classifier,
        waveform=heard,
        start_s=start / classifier.section.sample_rate_hz,
        features=features,
        silence=silent if classifier.log_mel is None else classifier.log_mel(silent),
        segment_of=np.minimum(middles * segments // len(heard), segments - 1),
        segments=segments,
    )


def _segment_count(asked: int) -> int:
    if asked and not LEAST_SEGMENTS <= asked <= MOST_SEGMENTS:
        raise InvalidInput(
            f"segment_count is {asked}; it must be from {LEAST_SEGMENTS} to {MOST_SEGMENTS}, or 0 for "
            f"{DEFAULT_SEGMENTS}",
            reason="SEGMENTS_OUT_OF_RANGE",
            metadata={"limit": str(MOST_SEGMENTS)},
        )
    return asked or DEFAULT_SEGMENTS


def _check_rendering(options: ExplanationOptions) -> None:
    if options.rendering not in (
        RenderingFormat.RENDERING_FORMAT_UNSPECIFIED,
        RenderingFormat.RENDERING_FORMAT_PNG,
    ):
        raise InvalidInput("options.rendering must be RENDERING_FORMAT_PNG for audio", reason="RENDERING_UNSUPPORTED")
