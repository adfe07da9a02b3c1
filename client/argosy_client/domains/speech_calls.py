# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls of the domain speech as values: what to send and how to read the answer."""

import math
from collections.abc import Sequence
from operator import index
from typing import Literal

import numpy as np
from argosy.common.v1 import explanation_pb2
from argosy.speech.v1 import speech_pb2
from google.protobuf.duration_pb2 import Duration
from numpy.typing import NDArray

from argosy_client import inputs
from argosy_client.calls import Call, checked_model, checked_top_k, checked_version
from argosy_client.domains.labels import labels
from argosy_client.inputs import AudioInput
from argosy_client.results import AudioResult, Timing
from argosy_client.speech_results import (
    ClipExplanation,
    DetectedSpeech,
    Recognition,
    SegmentAttribution,
    SpeechSegment,
    StreamedTranscript,
    Transcript,
    Word,
)

SERVICE = "/argosy.speech.v1.SpeechService"
SampleType = Literal["int16", "float32"]
#: A phrase, or a phrase with how much more likely it is than usual, a natural logarithm.
Hint = str | tuple[str, float]
#: Samples of a stream: bytes, or an array of the stream's type of shape [frames] or [frames, channels].
AudioPiece = bytes | NDArray[np.int16] | NDArray[np.float32]

_FORMATS = {"int16": speech_pb2.SAMPLE_FORMAT_S16, "float32": speech_pb2.SAMPLE_FORMAT_FP32}
_LIMIT = 2**31


def classify_call(clip: AudioInput, model: str | None, version: str | int | None, top_k: int) -> Call[AudioResult]:
    """The call that classifies a clip."""
    request = speech_pb2.ClassifyRequest(
        model=checked_model(model),
        version=checked_version(version),
        audio=inputs.audio(clip),
        top_k=checked_top_k(top_k),
    )
    return Call(f"{SERVICE}/Classify", request, speech_pb2.ClassifyResponse, _read_classify, request.model)


def recognize_call(
    clip: AudioInput, model: str | None, version: str | int | None, options: speech_pb2.DecodingOptions
) -> Call[Recognition]:
    """The call that recognizes the words of a clip."""
    request = speech_pb2.RecognizeRequest(
        model=checked_model(model), version=checked_version(version), audio=inputs.audio(clip), decoding=options
    )
    return Call(f"{SERVICE}/Recognize", request, speech_pb2.RecognizeResponse, _read_recognize, request.model)


def stream_call(
    model: str | None, version: str | int | None, config: speech_pb2.StreamingConfig
) -> Call[StreamedTranscript]:
    """The call that begins a stream; pieces of audio follow its request."""
    request = speech_pb2.StreamingRecognizeRequest(
        model=checked_model(model), version=checked_version(version), config=config
    )
    response = speech_pb2.StreamingRecognizeResponse
    return Call(f"{SERVICE}/StreamingRecognize", request, response, _read_streamed, request.model)


def detect_call(clip: AudioInput, model: str | None, version: str | int | None) -> Call[DetectedSpeech]:
    """The call that finds where somebody speaks."""
    request = speech_pb2.DetectSpeechRequest(
        model=checked_model(model), version=checked_version(version), audio=inputs.audio(clip)
    )
    return Call(f"{SERVICE}/DetectSpeech", request, speech_pb2.DetectSpeechResponse, _read_detect, request.model)


def explain_call(
    clip: AudioInput,
    model: str | None,
    version: str | int | None,
    target: str,
    segments: int,
    max_evaluations: int,
    picture: bool,
) -> Call[ClipExplanation]:
    """The call that explains a clip's label."""
    rendering = explanation_pb2.RENDERING_FORMAT_PNG if picture else explanation_pb2.RENDERING_FORMAT_UNSPECIFIED
    request = speech_pb2.ExplainRequest(
        model=checked_model(model),
        version=checked_version(version),
        audio=inputs.audio(clip),
        segment_count=_whole("segments", segments),
        options=explanation_pb2.ExplanationOptions(
            target=target, max_evaluations=_whole("max_evaluations", max_evaluations), rendering=rendering
        ),
    )
    return Call(f"{SERVICE}/Explain", request, speech_pb2.ExplainResponse, _read_explain, request.model)


def decoding(beam_width: int, alternatives: int, hints: Sequence[Hint], language: str) -> speech_pb2.DecodingOptions:
    """Options of decoding. Raises ValueError for what cannot be sent."""
    made = speech_pb2.DecodingOptions(
        beam_width=_whole("beam_width", beam_width),
        max_alternatives=_whole("alternatives", alternatives),
        language=language,
    )
    for hint in hints:
        phrase, boost = (hint, None) if isinstance(hint, str) else hint
        made.hints.add(phrase=phrase, boost=boost)
    return made


def streaming_config(
    rate_hz: int,
    channels: int,
    sample_type: SampleType,
    interim: bool,
    endpoint_s: float | None,
    options: speech_pb2.DecodingOptions,
) -> speech_pb2.StreamingConfig:
    """Configuration of a stream. Raises ValueError for what cannot be sent."""
    if sample_type not in _FORMATS:
        raise ValueError(f"sample_type is {sample_type!r}; it must be int16 or float32")
    wanted = speech_pb2.INTERIM_RESULTS_SENT if interim else speech_pb2.INTERIM_RESULTS_OMITTED
    config = speech_pb2.StreamingConfig(
        sample_rate_hz=_whole("rate_hz", rate_hz),
        channels=_whole("channels", channels),
        sample_format=_FORMATS[sample_type],
        decoding=options,
        interim_results=wanted,
    )
    if endpoint_s is not None:
        if not (math.isfinite(endpoint_s) and abs(endpoint_s) < 1e6):
            raise ValueError(f"endpoint_s is {endpoint_s!r}; it must be a time in seconds")
        config.endpoint_silence.CopyFrom(Duration(seconds=int(endpoint_s), nanos=round(endpoint_s % 1 * 1e9)))
    return config


def piece_message(piece: AudioPiece, sample_type: SampleType) -> speech_pb2.StreamingRecognizeRequest:
    """The message of one piece. Raises ValueError for an array of another type."""
    if isinstance(piece, np.ndarray):
        if piece.dtype != np.dtype(sample_type):
            raise ValueError(f"a piece has dtype {piece.dtype}; the stream's sample_type is {sample_type}")
        piece = piece.astype(piece.dtype.newbyteorder("<"), copy=False).tobytes()
    if not isinstance(piece, bytes):
        raise ValueError(f"a piece of audio cannot be made from {type(piece).__name__}; give bytes or an array")
    return speech_pb2.StreamingRecognizeRequest(audio=piece)


def _whole(name: str, value: int) -> int:
    if not 0 <= index(value) < _LIMIT:
        raise ValueError(f"{name} is {value!r}; it must be from 0 to {_LIMIT - 1}")
    return index(value)


def _seconds(duration: Duration) -> float:
    return duration.ToNanoseconds() / 1e9


def _transcript(found: speech_pb2.Transcript) -> Transcript:
    words = tuple(Word(one.text, _seconds(one.start), _seconds(one.end), one.confidence) for one in found.words)
    return Transcript(found.text, found.confidence, words)


def _read_classify(answer: speech_pb2.ClassifyResponse, timing: Timing) -> AudioResult:
    return AudioResult(labels(answer.labels), _seconds(answer.duration), answer.model, answer.version, timing)


def _read_recognize(answer: speech_pb2.RecognizeResponse, timing: Timing) -> Recognition:
    transcripts = tuple(_transcript(one) for one in answer.transcripts)
    return Recognition(transcripts, _seconds(answer.duration), answer.model, answer.version, timing)


def _read_streamed(answer: speech_pb2.StreamingRecognizeResponse, _: Timing) -> StreamedTranscript:
    return StreamedTranscript(
        _transcript(answer.transcript),
        answer.final,
        answer.stability,
        _seconds(answer.audio_end),
        answer.model,
        answer.version,
    )


def _read_detect(answer: speech_pb2.DetectSpeechResponse, timing: Timing) -> DetectedSpeech:
    found = tuple(SpeechSegment(_seconds(one.start), _seconds(one.end), one.confidence) for one in answer.segments)
    return DetectedSpeech(found, _seconds(answer.duration), answer.model, answer.version, timing)


def _read_explain(answer: speech_pb2.ExplainResponse, timing: Timing) -> ClipExplanation:
    summary = answer.summary
    return ClipExplanation(
        tuple(SegmentAttribution(_seconds(one.start), _seconds(one.end), one.attribution) for one in answer.segments),
        summary.method,
        summary.target,
        summary.value,
        summary.base_value,
        summary.evaluation_count,
        summary.fidelity if summary.HasField("fidelity") else None,
        summary.rendering.data,
        answer.model,
        answer.version,
        timing,
    )
