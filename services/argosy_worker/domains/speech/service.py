# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy.speech.v1.SpeechService``."""

from argosy.speech.v1 import speech_pb2 as pb

from argosy_worker.domains._shared.labels import label_count
from argosy_worker.domains.speech.codec import SpeechCodec, prepare
from argosy_worker.domains.speech.explaining import explain
from argosy_worker.domains.speech.recognizing import recognize
from argosy_worker.domains.speech.sound import Source, inspect_audio
from argosy_worker.domains.speech.streaming import streaming_recognize
from argosy_worker.domains.speech.voice import Segment
from argosy_worker.lifecycle.domain import Call, Domain


async def classify(request: pb.ClassifyRequest, call: Call) -> pb.ClassifyResponse:
    """Classifies a clip."""
    codec: SpeechCodec = call.codec
    classifier = codec.required_classifier
    top_k = label_count(request.top_k)
    source = inspect_audio(request.audio)
    features, duration_ns = await call.offload(codec.decode, source, payload_bytes=source.cost_bytes)
    outputs = await call.infer({classifier.port.name: features})
    (labels,) = classifier.classes.read(outputs, 1, top_k)
    response = pb.ClassifyResponse(labels=labels)
    response.duration.FromNanoseconds(duration_ns)
    return response


async def detect_speech(request: pb.DetectSpeechRequest, call: Call) -> pb.DetectSpeechResponse:
    """Finds where somebody speaks."""
    source = inspect_audio(request.audio)
    found, duration_ns = await call.offload(_segments, call.codec, source, payload_bytes=source.cost_bytes)
    response = pb.DetectSpeechResponse()
    response.duration.FromNanoseconds(duration_ns)
    for segment in found:
        part = response.segments.add(confidence=segment.confidence)
        part.start.FromMilliseconds(round(segment.start_s * 1000))
        part.end.FromMilliseconds(round(segment.end_s * 1000))
    return response


def _segments(codec: SpeechCodec, source: Source) -> tuple[list[Segment], int]:
    waveform, duration_ns = codec.load(source)
    return codec.detector.segments(waveform), duration_ns


DOMAIN = Domain(
    name="speech",
    service=pb.DESCRIPTOR.services_by_name["SpeechService"],
    methods={"Classify": classify, "Recognize": recognize, "DetectSpeech": detect_speech, "Explain": explain},
    prepare=prepare,
    streams={"StreamingRecognize": streaming_recognize},
)
