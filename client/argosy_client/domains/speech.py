# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Recorded speech: classes such as spoken commands."""

from argosy.speech.v1 import speech_pb2

from argosy_client import inputs
from argosy_client.aio_transport import AsyncTransport
from argosy_client.calls import Call, checked_model, checked_top_k, checked_version
from argosy_client.domains.labels import labels
from argosy_client.inputs import AudioInput
from argosy_client.results import AudioResult, Timing
from argosy_client.transport import Transport

SERVICE = "/argosy.speech.v1.SpeechService"


def classify_call(clip: AudioInput, model: str | None, version: str | int | None, top_k: int) -> Call[AudioResult]:
    """The call that classifies a clip."""
    request = speech_pb2.ClassifyRequest(
        model=checked_model(model),
        version=checked_version(version),
        audio=inputs.audio(clip),
        top_k=checked_top_k(top_k),
    )
    return Call(f"{SERVICE}/Classify", request, speech_pb2.ClassifyResponse, _read_classify, request.model)


def _read_classify(answer: speech_pb2.ClassifyResponse, timing: Timing) -> AudioResult:
    duration_s = answer.duration.ToNanoseconds() / 1e9
    return AudioResult(labels(answer.labels), duration_s, answer.model, answer.version, timing)


class Speech:
    """Answers questions about recorded speech.

    A clip is a path, the bytes of a WAV, FLAC or OGG file, or a pair (samples, rate in Hz) with int16 samples, or
    float32 in [-1, 1], of shape [frames] or [frames, channels]. Every method raises ArgosyError for a call that
    failed, and ValueError or OSError for an input that cannot be sent.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def classify(
        self,
        clip: AudioInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> AudioResult:
        """Classifies one clip.

        Args:
            clip: The clip.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            top_k: Labels wanted; 0 selects 5.
            timeout_s: Deadline in seconds; None selects the client's.
        """
        return self._transport.send(classify_call(clip, model, version, top_k), timeout_s)


class AsyncSpeech:
    """Speech for asyncio: the same methods, awaited. Paths are read in place; hand in bytes where a disc is slow."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def classify(
        self,
        clip: AudioInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> AudioResult:
        """See Speech.classify."""
        return await self._transport.send(classify_call(clip, model, version, top_k), timeout_s)
