# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``StreamingRecognize``: words while they are spoken. Each stream has a state of its own; its runs share batches."""

import asyncio
import math
from collections.abc import AsyncIterator
from typing import Any

from argosy.speech.v1 import speech_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains.speech.codec import SpeechCodec
from argosy_worker.domains.speech.decoding import Decoder, Plan, make_plan
from argosy_worker.domains.speech.hearing import Ctc, Hearing, LogProbabilities
from argosy_worker.domains.speech.live_sound import LiveSound
from argosy_worker.domains.speech.transcripts import make_decoder, transcripts
from argosy_worker.errors import DeadlineExpired, InvalidInput
from argosy_worker.lifecycle.domain import Call

#: Silence that ends an utterance where the stream does not say, and between which limits it may be, in seconds.
ENDPOINT_S, LEAST_ENDPOINT_S, MOST_ENDPOINT_S = 0.6, 0.1, 10.0
#: An utterance that has used this part of its time ends with the next gap between words.
_ALMOST = 0.8
_GAP_S = 0.1


async def streaming_recognize(
    first: pb.StreamingRecognizeRequest, others: AsyncIterator[pb.StreamingRecognizeRequest], call: Call
) -> AsyncIterator[pb.StreamingRecognizeResponse]:
    """Recognizes the words of a stream.

    Raises:
        InvalidInput: CONFIG_MISSING, CONFIG_REPEATED, AUDIO_MISSING, ENDPOINT_OUT_OF_RANGE, INTERIM_RESULTS_UNKNOWN,
            or what plan and sound refuse.
        DeadlineExpired: STREAM_IDLE.
    """
    codec: SpeechCodec = call.codec
    ctc = codec.required_ctc
    if first.WhichOneof("streaming_request") != "config":
        raise InvalidInput(
            "the first message of the stream holds no config; say there what the audio is", reason="CONFIG_MISSING"
        )
    config = first.config
    sound = LiveSound(config, ctc.rate_hz, ctc.section.max_stream_seconds)
    plan: Plan = await call.offload(
        make_plan, config.decoding, ctc.section, ctc.alphabet, ctc.lexicon, payload_bytes=config.decoding.ByteSize()
    )
    listener = _Listener(ctc, plan, call, sound, _endpoint_s(config))
    interim = _wants_interim(config)
    while (request := await _next(others, ctc.section.idle_seconds)) is not None:
        sound.accept(_audio(request))
        if not sound.ready_bytes:
            continue
        async for result in listener.hear(last=False):
            yield result
        if interim and (unfinished := listener.changed()) is not None:
            yield unfinished
    async for result in listener.hear(last=True):
        yield result
    if (rest := listener.rest()) is not None:
        yield rest


class _Listener:
    """What one stream has heard."""

    def __init__(self, ctc: Ctc, plan: Plan, call: Call, sound: LiveSound, endpoint_s: float) -> None:
        self._ctc, self._plan, self._call, self._sound = ctc, plan, call, sound
        self._hearing = Hearing(ctc)
        self._endpoint_steps = math.ceil(endpoint_s / ctc.step_s)
        self._gap_steps = math.ceil(_GAP_S / ctc.step_s)
        self._most_steps = math.ceil(ctc.section.max_utterance_seconds / ctc.step_s)
        self._heard_steps = 0
        self._shown: list[str] = []
        self._begin()

    def _begin(self) -> None:
        self._decoder: Decoder = make_decoder(self._plan)
        self._first_step = self._heard_steps
        self._spoken = False
        self._quiet_steps = 0
        self._shown = []

    async def hear(self, *, last: bool) -> AsyncIterator[pb.StreamingRecognizeResponse]:
        """Takes the audio that has come, and yields what it makes final."""
        for piece in await self._call.offload(self._pieces, last, payload_bytes=self._sound.ready_bytes):
            part = await self._hearing.run(piece, self._call)
            await self._call.offload(self._advance, part, payload_bytes=self._plan.cost_bytes(len(part)))
            if self._ended():
                final = self.rest()
                self._begin()
                if final is not None:
                    yield final

    def changed(self) -> pb.StreamingRecognizeResponse | None:
        """The unfinished utterance, where its words are not those that were shown last."""
        if not self._spoken:
            return None
        response = self._response()
        words = response.transcript.text.split(" ") if response.transcript.text else []
        if words == self._shown:
            return None
        same = [old == new for old, new in zip(self._shown, words, strict=False)]
        response.stability = sum(same) / len(words) if words else 0.0
        self._shown = words
        return response

    def rest(self) -> pb.StreamingRecognizeResponse | None:
        """The utterance as it ends; None where nothing was said."""
        response = self._response()
        if not response.transcript.text:
            return None
        response.final, response.stability = True, 1.0
        return response

    def _pieces(self, last: bool) -> list[NDArray[Any]]:
        return self._hearing.pieces(self._sound.convert(last), last)

    def _advance(self, part: LogProbabilities) -> None:
        self._decoder.advance(part)
        self._heard_steps += len(part)
        for token in part.argmax(axis=1).tolist():
            silent = not self._plan.alphabet.written[token]
            self._quiet_steps = self._quiet_steps + 1 if silent else 0
            self._spoken = self._spoken or not silent

    def _ended(self) -> bool:
        if self._quiet_steps >= self._endpoint_steps:
            return True
        length = self._heard_steps - self._first_step
        almost = length >= _ALMOST * self._most_steps and self._quiet_steps >= self._gap_steps
        return almost or length >= self._most_steps

    def _response(self) -> pb.StreamingRecognizeResponse:
        end_s = min(self._heard_steps * self._ctc.step_s, self._sound.seconds)
        (transcript, *_) = transcripts(self._decoder.best(), self._plan, self._ctc, self._first_step, end_s)
        response = pb.StreamingRecognizeResponse(transcript=transcript)
        response.audio_end.FromMilliseconds(round(end_s * 1000))
        return response


async def _next(
    requests: AsyncIterator[pb.StreamingRecognizeRequest], idle_s: float
) -> pb.StreamingRecognizeRequest | None:
    """The next message; None where the stream has ended."""
    try:
        async with asyncio.timeout(idle_s):
            return await anext(requests, None)
    except TimeoutError:
        raise DeadlineExpired(
            f"the stream sent nothing for {idle_s:g} seconds; end it, or send silence", reason="STREAM_IDLE"
        ) from None


def _audio(request: pb.StreamingRecognizeRequest) -> bytes:
    kind = request.WhichOneof("streaming_request")
    if kind == "config":
        raise InvalidInput(
            "the stream holds a second config; one stream has one sample rate, so begin another stream",
            reason="CONFIG_REPEATED",
        )
    if kind is None:
        raise InvalidInput("a message of the stream holds no audio; set `audio`", reason="AUDIO_MISSING")
    return request.audio


def _endpoint_s(config: pb.StreamingConfig) -> float:
    if not config.HasField("endpoint_silence"):
        return ENDPOINT_S
    seconds = config.endpoint_silence.seconds + config.endpoint_silence.nanos / 1e9
    if not LEAST_ENDPOINT_S <= seconds <= MOST_ENDPOINT_S:
        raise InvalidInput(
            f"config.endpoint_silence is {seconds:g} s; it must be from {LEAST_ENDPOINT_S:g} to {MOST_ENDPOINT_S:g} s",
            reason="ENDPOINT_OUT_OF_RANGE",
        )
    return seconds


def _wants_interim(config: pb.StreamingConfig) -> bool:
    if config.interim_results not in pb.InterimResults.values():
        raise InvalidInput(
            f"config.interim_results {config.interim_results} is not known", reason="INTERIM_RESULTS_UNKNOWN"
        )
    return config.interim_results != pb.INTERIM_RESULTS_OMITTED
