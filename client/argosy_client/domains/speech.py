# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Speech: classes such as spoken commands, words of clips and of streams, and where somebody speaks."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Sequence

from argosy_client.aio_transport import AsyncTransport
from argosy_client.domains import speech_calls as calls
from argosy_client.domains.speech_calls import AudioPiece, Hint, SampleType
from argosy_client.inputs import AudioInput
from argosy_client.results import AudioResult
from argosy_client.speech_results import ClipExplanation, DetectedSpeech, Recognition, StreamedTranscript
from argosy_client.transport import Transport


class Speech:
    """Answers questions about speech.

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
        return self._transport.send(calls.classify_call(clip, model, version, top_k), timeout_s)

    def recognize(
        self,
        clip: AudioInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        beam_width: int = 0,
        alternatives: int = 0,
        hints: Sequence[Hint] = (),
        language: str = "",
        timeout_s: float | None = None,
    ) -> Recognition:
        """Recognizes the words of one clip.

        Args:
            clip: The clip.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            beam_width: Transcripts kept while decoding; 1 is greedy, 0 selects the model's own.
            alternatives: Transcripts wanted; 0 selects 1.
            hints: Phrases that are more likely than usual, each alone or with a natural logarithm that says how much.
            language: Language that is spoken, such as "en"; empty leaves it to the model.
            timeout_s: Deadline in seconds; None selects the client's.
        """
        options = calls.decoding(beam_width, alternatives, hints, language)
        return self._transport.send(calls.recognize_call(clip, model, version, options), timeout_s)

    def stream(
        self,
        pieces: Iterable[AudioPiece],
        rate_hz: int,
        *,
        channels: int = 1,
        sample_type: SampleType = "int16",
        interim: bool = True,
        endpoint_s: float | None = None,
        model: str | None = None,
        version: str | int | None = None,
        beam_width: int = 0,
        hints: Sequence[Hint] = (),
        language: str = "",
        timeout_s: float | None = None,
    ) -> Iterator[StreamedTranscript]:
        """Recognizes words while they are spoken; ending the iteration ends the stream.

        Args:
            pieces: Raw samples as they come, little-endian and interleaved: bytes, cut anywhere, or arrays. They are
                read by another thread.
            rate_hz: Samples in a second.
            channels: Number of channels.
            sample_type: "int16" or "float32".
            interim: Whether results are wanted that may still change.
            endpoint_s: Silence that makes a result final, in seconds; None selects 0.6.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            beam_width: See recognize.
            hints: See recognize.
            language: See recognize.
            timeout_s: Deadline of the whole stream, in seconds; None sets none.
        """
        options = calls.decoding(beam_width, 0, hints, language)
        config = calls.streaming_config(rate_hz, channels, sample_type, interim, endpoint_s, options)
        messages = (calls.piece_message(piece, sample_type) for piece in pieces)
        return self._transport.converse(calls.stream_call(model, version, config), messages, timeout_s)

    def detect(
        self,
        clip: AudioInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> DetectedSpeech:
        """Finds where somebody speaks in one clip."""
        return self._transport.send(calls.detect_call(clip, model, version), timeout_s)

    def explain(
        self,
        clip: AudioInput,
        *,
        target: str = "",
        segments: int = 0,
        max_evaluations: int = 0,
        picture: bool = False,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> ClipExplanation:
        """Explains which parts of one clip its label rests on.

        Args:
            clip: The clip.
            target: Label to explain; empty selects the best one.
            segments: Parts into which the clip is divided; 0 selects 20.
            max_evaluations: Altered clips on which the model may run; 0 selects the default.
            picture: Whether a PNG is wanted.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            timeout_s: Deadline in seconds; None selects the client's.
        """
        call = calls.explain_call(clip, model, version, target, segments, max_evaluations, picture)
        return self._transport.send(call, timeout_s)


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
        return await self._transport.send(calls.classify_call(clip, model, version, top_k), timeout_s)

    async def recognize(
        self,
        clip: AudioInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        beam_width: int = 0,
        alternatives: int = 0,
        hints: Sequence[Hint] = (),
        language: str = "",
        timeout_s: float | None = None,
    ) -> Recognition:
        """See Speech.recognize."""
        options = calls.decoding(beam_width, alternatives, hints, language)
        return await self._transport.send(calls.recognize_call(clip, model, version, options), timeout_s)

    def stream(
        self,
        pieces: AsyncIterable[AudioPiece],
        rate_hz: int,
        *,
        channels: int = 1,
        sample_type: SampleType = "int16",
        interim: bool = True,
        endpoint_s: float | None = None,
        model: str | None = None,
        version: str | int | None = None,
        beam_width: int = 0,
        hints: Sequence[Hint] = (),
        language: str = "",
        timeout_s: float | None = None,
    ) -> AsyncIterator[StreamedTranscript]:
        """See Speech.stream; pieces come from an asynchronous iterable."""
        options = calls.decoding(beam_width, 0, hints, language)
        config = calls.streaming_config(rate_hz, channels, sample_type, interim, endpoint_s, options)
        messages = (calls.piece_message(piece, sample_type) async for piece in pieces)
        return self._transport.converse(calls.stream_call(model, version, config), messages, timeout_s)

    async def detect(
        self,
        clip: AudioInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> DetectedSpeech:
        """See Speech.detect."""
        return await self._transport.send(calls.detect_call(clip, model, version), timeout_s)

    async def explain(
        self,
        clip: AudioInput,
        *,
        target: str = "",
        segments: int = 0,
        max_evaluations: int = 0,
        picture: bool = False,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> ClipExplanation:
        """See Speech.explain."""
        call = calls.explain_call(clip, model, version, target, segments, max_evaluations, picture)
        return await self._transport.send(call, timeout_s)
