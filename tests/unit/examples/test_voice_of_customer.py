# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The example service, with stand-ins for Argosy's domains that keep what they were called with."""

import asyncio
import contextlib
import importlib
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
import pytest
from argosy.common.v1.label_pb2 import ScoredLabel
from argosy.nlp.v1 import nlp_pb2
from argosy.recommendation.v1 import recommendation_pb2
from argosy.speech.v1 import speech_pb2

FOLDER = Path(__file__).parents[3] / "examples" / "voice_of_customer"
RECOGNIZE = "/argosy.speech.v1.SpeechService/Recognize"
CLASSIFY = "/argosy.nlp.v1.NlpService/Classify"
RECOMMEND = "/argosy.recommendation.v1.RecommendationService/Recommend"
REQUESTS = {
    RECOGNIZE: speech_pb2.RecognizeRequest,
    CLASSIFY: nlp_pb2.ClassifyRequest,
    RECOMMEND: recommendation_pb2.RecommendRequest,
}
SAID = "go mystery seven yes"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Imports a module of the example, which is a program in a folder of its own."""
    monkeypatch.syspath_prepend(str(FOLDER))
    for name in ("service", "carrying", "mentions"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module


class Domains:
    """Answers for speech, nlp and recommendation."""

    def __init__(self) -> None:
        self.said = SAID
        self.hearing_s = 0.0
        self.failing: dict[str, grpc.StatusCode] = {}
        self.requests: dict[str, Any] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self.left_s: dict[str, float] = {}

    def service(self, details: Any) -> grpc.RpcMethodHandler | None:
        """What gRPC asks a generic handler."""
        path = details.method
        if path not in REQUESTS:
            return None

        async def answer(request: Any, context: grpc.aio.ServicerContext) -> Any:
            self.requests[path] = request
            self.metadata[path] = {key: str(value) for key, value in context.invocation_metadata() or ()}
            self.left_s[path] = context.time_remaining() or 0.0
            if path == RECOGNIZE:
                await asyncio.sleep(self.hearing_s)
            if path in self.failing:
                await context.abort(self.failing[path], "refused", (("grpc-status-details-bin", b"details"),))
            return self.answer(path)

        return grpc.unary_unary_rpc_method_handler(
            answer, REQUESTS[path].FromString, lambda message: message.SerializeToString()
        )

    def answer(self, path: str) -> Any:
        """The answer of a method."""
        named = {"model": "stand-in", "version": "1"}
        if path == RECOGNIZE:
            return speech_pb2.RecognizeResponse(transcripts=[speech_pb2.Transcript(text=self.said)], **named)
        if path == CLASSIFY:
            labels = [ScoredLabel(label="positive", score=0.75)]
            return nlp_pb2.ClassifyResponse(results=[nlp_pb2.TextClassification(labels=labels)], **named)
        item = recommendation_pb2.ScoredItem(item_id="mystery-08", name="Another", score=0.5)
        return recommendation_pb2.RecommendResponse(items=[item], **named)


@contextlib.asynccontextmanager
async def serving(add: Callable[[grpc.aio.Server], object]) -> AsyncIterator[grpc.aio.Channel]:
    """Runs a server; a channel to it."""
    server = grpc.aio.server()
    add(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop(None)


Analyze = Callable[..., Awaitable[Any]]


@pytest.fixture
def domains() -> Domains:
    return Domains()


@pytest.fixture
async def analyze(example: Callable[[str], ModuleType], domains: Domains) -> AsyncIterator[Analyze]:
    """Calls the example service; arguments are the request's fields, its time and metadata."""
    messages = example("voiceofcustomer.v1.voice_of_customer_pb2")
    stubs = example("voiceofcustomer.v1.voice_of_customer_pb2_grpc")
    service = example("service").VoiceOfCustomer
    async with serving(lambda server: server.add_generic_rpc_handlers((domains,))) as fleet:

        def add(server: grpc.aio.Server) -> None:
            stubs.add_VoiceOfCustomerServiceServicer_to_server(service(fleet, fleet, fleet), server)

        async with serving(add) as channel:
            stub = stubs.VoiceOfCustomerServiceStub(channel)

            async def call(timeout_s: float | None = 20.0, metadata: Any = (), **fields: Any) -> Any:
                request = messages.AnalyzeRequest(**({"recording": b"audio"} | fields))
                return await stub.Analyze(request, timeout=timeout_s, metadata=metadata)

            yield call


async def test_a_recording_is_recognized_judged_and_answered_with_items_like_those_it_names(
    analyze: Analyze, domains: Domains
) -> None:
    answer = await analyze(top_k=7)
    assert answer.transcript == SAID
    assert list(answer.mentioned_item_ids) == ["mystery-07"]
    assert (answer.sentiment.label, answer.sentiment.score) == ("positive", 0.75)
    assert [item.item_id for item in answer.recommendations] == ["mystery-08"]
    assert domains.requests[RECOGNIZE].audio.encoded == b"audio"
    assert list(domains.requests[CLASSIFY].texts) == [SAID]
    assert domains.requests[RECOMMEND].top_k == 7
    assert {step.method for step in answer.steps} == {path[1:] for path in REQUESTS}
    assert all(step.duration.ToNanoseconds() > 0 and step.model == "stand-in" for step in answer.steps)


async def test_the_callers_deadline_is_shared_by_the_calls_it_causes(analyze: Analyze, domains: Domains) -> None:
    domains.hearing_s = 0.5
    await analyze(timeout_s=10.0)
    assert 5.0 < domains.left_s[RECOGNIZE] < 10.0
    for path in (CLASSIFY, RECOMMEND):
        assert domains.left_s[path] < domains.left_s[RECOGNIZE] - 0.4


async def test_calls_without_a_deadline_get_one(analyze: Analyze, domains: Domains) -> None:
    await analyze(timeout_s=None)
    assert 5.0 < domains.left_s[RECOGNIZE] <= 10.0


async def test_trace_context_is_handed_on_and_nothing_else(analyze: Analyze, domains: Domains) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await analyze(metadata=[("traceparent", trace), ("x-request-id", "one"), ("argosy-tenant", "somebody")])
    for path in REQUESTS:
        assert domains.metadata[path]["traceparent"] == trace
        assert domains.metadata[path]["x-request-id"] == "one"
        assert "argosy-tenant" not in domains.metadata[path]


@pytest.mark.parametrize("failing", [RECOGNIZE, CLASSIFY, RECOMMEND])
async def test_a_call_that_fails_ends_the_whole_with_its_status_and_details(
    analyze: Analyze, domains: Domains, failing: str
) -> None:
    domains.failing[failing] = grpc.StatusCode.RESOURCE_EXHAUSTED
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await analyze()
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert error.value.details() == "refused"
    assert ("grpc-status-details-bin", b"details") in tuple(error.value.trailing_metadata() or ())


async def test_where_nobody_speaks_there_is_nothing_to_judge(analyze: Analyze, domains: Domains) -> None:
    domains.said = ""
    answer = await analyze()
    assert not answer.HasField("sentiment")
    assert not answer.recommendations
    assert list(domains.requests) == [RECOGNIZE]


@pytest.mark.parametrize("wrong", [{"recording": b""}, {"top_k": -1}, {"top_k": 101}])
async def test_a_request_that_cannot_be_answered_calls_nobody(
    analyze: Analyze, domains: Domains, wrong: dict[str, Any]
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await analyze(**wrong)
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert not domains.requests


@pytest.mark.parametrize(
    ("said", "shelf", "found"),
    [
        ("mystery seven", "", ["mystery-07"]),
        ("mystery one two yes", "", ["mystery-12"]),
        ("seven", "", []),
        ("seven no three", "space", ["space-07", "space-03"]),
        ("travel two go two", "", ["travel-02"]),
        ("horror nine nine", "", []),
        ("horror zero", "", []),
        ("mystery seven mystery seven", "", ["mystery-07"]),
        ("", "space", []),
    ],
)
def test_items_are_a_shelf_and_a_number(
    example: Callable[[str], ModuleType], said: str, shelf: str, found: list[str]
) -> None:
    assert example("mentions").mentioned(said.split(), shelf) == found


def test_a_deadline_that_has_passed_leaves_no_time(example: Callable[[str], ModuleType]) -> None:
    given = example("carrying").carried((), 0.0)
    assert given.deadline <= time.monotonic()
    assert given.timeout_s == 0.0
