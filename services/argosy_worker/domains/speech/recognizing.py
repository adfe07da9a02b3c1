# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``Recognize``: the words of a clip."""

from argosy.speech.v1 import speech_pb2 as pb

from argosy_worker.domains.speech.codec import SpeechCodec
from argosy_worker.domains.speech.decoding import Plan, make_plan
from argosy_worker.domains.speech.hearing import LogProbabilities
from argosy_worker.domains.speech.sound import inspect_audio
from argosy_worker.domains.speech.transcripts import make_decoder, transcripts
from argosy_worker.lifecycle.domain import Call

#: Steps that are decoded at a time: a caller who leaves ends a costly search soon.
_STEPS = 100


async def recognize(request: pb.RecognizeRequest, call: Call) -> pb.RecognizeResponse:
    """Recognizes the words of a clip."""
    codec: SpeechCodec = call.codec
    ctc = codec.required_ctc
    plan: Plan = await call.offload(
        make_plan, request.decoding, ctc.section, ctc.alphabet, ctc.lexicon, payload_bytes=request.decoding.ByteSize()
    )
    source = inspect_audio(request.audio)
    waveform, duration_ns = await call.offload(codec.load, source, payload_bytes=source.cost_bytes)
    heard: list[LogProbabilities] = []
    await ctc.hear(waveform, call, heard.append)
    decoder = make_decoder(plan)
    for part in heard:
        for start in range(0, len(part), _STEPS):
            steps = part[start : start + _STEPS]
            await call.offload(decoder.advance, steps, payload_bytes=plan.cost_bytes(len(steps)))
    response = pb.RecognizeResponse(transcripts=transcripts(decoder.best(), plan, ctc, 0, duration_ns / 1e9))
    response.duration.FromNanoseconds(duration_ns)
    return response
