# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The service: one call of it is three of Argosy's, two of them at a time."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import grpc
from argosy.nlp.v1 import nlp_pb2, nlp_pb2_grpc
from argosy.recommendation.v1 import recommendation_pb2, recommendation_pb2_grpc
from argosy.speech.v1 import speech_pb2, speech_pb2_grpc
from carrying import Carried, carried, end_as
from mentions import mentioned
from voiceofcustomer.v1 import voice_of_customer_pb2 as messages
from voiceofcustomer.v1 import voice_of_customer_pb2_grpc

SPEECH = "argosy.speech.v1.SpeechService"
NLP = "argosy.nlp.v1.NlpService"
RECOMMENDATION = "argosy.recommendation.v1.RecommendationService"
USUAL_COUNT, MOST_COUNT = 3, 100


class VoiceOfCustomer(voice_of_customer_pb2_grpc.VoiceOfCustomerServiceServicer):
    """Implements the service.

    Args:
        speech, nlp, recommendation: Channels to Argosy's domains.
    """

    def __init__(self, speech: grpc.aio.Channel, nlp: grpc.aio.Channel, recommendation: grpc.aio.Channel) -> None:
        self._speech = speech_pb2_grpc.SpeechServiceStub(speech)  # type: ignore[no-untyped-call]
        self._nlp = nlp_pb2_grpc.NlpServiceStub(nlp)  # type: ignore[no-untyped-call]
        self._recommendation = recommendation_pb2_grpc.RecommendationServiceStub(recommendation)  # type: ignore[no-untyped-call]

    async def Analyze(
        self, request: messages.AnalyzeRequest, context: grpc.aio.ServicerContext
    ) -> messages.AnalyzeResponse:
        """See the proto."""
        if not request.recording:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "recording is empty: send a WAV, FLAC or OGG file")
        if not 0 <= request.top_k <= MOST_COUNT:
            await context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"top_k is {request.top_k}; it must be from 0 to {MOST_COUNT}"
            )
        given = carried(context.invocation_metadata() or (), context.time_remaining())
        try:
            return await self._analyze(request, given)
        except grpc.aio.AioRpcError as error:
            await end_as(context, error)
            raise AssertionError("abort always raises") from error

    async def _analyze(self, request: messages.AnalyzeRequest, given: Carried) -> messages.AnalyzeResponse:
        audio = speech_pb2.Audio(encoded=request.recording)
        heard, step = await _call(
            f"{SPEECH}/Recognize", self._speech.Recognize, speech_pb2.RecognizeRequest(audio=audio), given
        )
        text = heard.transcripts[0].text if heard.transcripts else ""
        items = mentioned(text.split(), request.shelf)
        response = messages.AnalyzeResponse(transcript=text, mentioned_item_ids=items, steps=[step])
        todo = []
        if text:
            todo.append(self._judge(text, given, response))
        if items:
            todo.append(self._recommend(items, request.top_k or USUAL_COUNT, given, response))
        await _together(todo)
        return response

    async def _judge(self, text: str, given: Carried, response: messages.AnalyzeResponse) -> None:
        wanted = nlp_pb2.ClassifyRequest(texts=[text], top_k=1)
        answer, step = await _call(f"{NLP}/Classify", self._nlp.Classify, wanted, given)
        best = answer.results[0].labels[0]
        response.sentiment.CopyFrom(messages.Sentiment(label=best.label, score=best.score))
        response.steps.append(step)

    async def _recommend(
        self, items: list[str], count: int, given: Carried, response: messages.AnalyzeResponse
    ) -> None:
        history = [recommendation_pb2.Interaction(item_id=item) for item in items]
        wanted = recommendation_pb2.RecommendRequest(history=history, top_k=count)
        answer, step = await _call(f"{RECOMMENDATION}/Recommend", self._recommendation.Recommend, wanted, given)
        response.recommendations.extend(
            messages.Recommendation(item_id=item.item_id, name=item.name, score=item.score) for item in answer.items
        )
        response.steps.append(step)


async def _together(todo: list[Coroutine[Any, Any, None]]) -> None:
    """Does all at a time; what one raises ends the others, and is raised."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for each in todo:
                tasks.create_task(each)
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def _call(name: str, method: Any, request: Any, given: Carried) -> tuple[Any, messages.Step]:
    """Makes a call with what is left of the time, and notes it."""
    began = time.monotonic()
    answer = await method(request, timeout=given.timeout_s, metadata=given.metadata)
    step = messages.Step(method=name, model=answer.model, version=answer.version)
    step.duration.FromNanoseconds(int((time.monotonic() - began) * 1e9))
    return answer, step
