# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy.speech.v1.SpeechService``."""

from argosy.speech.v1 import speech_pb2 as pb
from google.protobuf.duration_pb2 import Duration

from argosy_worker.domains._shared.labels import label_count
from argosy_worker.domains.speech.codec import SpeechCodec, prepare
from argosy_worker.domains.speech.sound import inspect_audio
from argosy_worker.lifecycle.domain import Call, Domain


async def classify(request: pb.ClassifyRequest, call: Call) -> pb.ClassifyResponse:
    """Classifies a clip."""
    codec: SpeechCodec = call.codec
    top_k = label_count(request.top_k)
    source = inspect_audio(request.audio)
    features, duration_ns = await call.offload(codec.decode, source, payload_bytes=source.cost_bytes)
    outputs = await call.infer({codec.port.name: features})
    (labels,) = codec.classes.read(outputs, 1, top_k)
    seconds, nanos = divmod(duration_ns, 1_000_000_000)
    return pb.ClassifyResponse(labels=labels, duration=Duration(seconds=seconds, nanos=nanos))


DOMAIN = Domain(
    name="speech",
    service=pb.DESCRIPTOR.services_by_name["SpeechService"],
    methods={"Classify": classify},
    prepare=prepare,
)
