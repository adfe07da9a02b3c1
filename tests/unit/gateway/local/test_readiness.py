# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import asyncio
from collections.abc import AsyncIterator, Iterable

import grpc
import pytest
from argosy import v2
from argosy.fleet.v1 import fleet_pb2, fleet_pb2_grpc, model_pb2
from argosy_gateway.local.errors import CannotRun
from argosy_gateway.local.plan import Port, ProcessSpec
from argosy_gateway.local.readiness import Models, all_ready, listening


def changed(name: str, state: str, reason: str = "") -> fleet_pb2.WatchModelsResponse:
    description = model_pb2.ModelDescription(name=name, domain="vision")
    model = fleet_pb2.Model(description=description, state=f"MODEL_STATE_{state}", reason=reason)
    return fleet_pb2.WatchModelsResponse(changed=model)


class Workers:
    """Answers ModelReady with each of the given answers, then with the last for ever; a status fails the call."""

    def __init__(self, *answers: bool | grpc.StatusCode) -> None:
        self._answers = list(answers)

    async def model_ready(self, request: object, context: grpc.aio.ServicerContext) -> object:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, grpc.StatusCode):
            await context.abort(answer, "no healthy upstream")
        return v2.message("ModelReadyResponse")(ready=answer)

    @property
    def handler(self) -> grpc.GenericRpcHandler:
        method = grpc.unary_unary_rpc_method_handler(
            self.model_ready,
            request_deserializer=v2.message("ModelReadyRequest").FromString,
            response_serializer=v2.message("ModelReadyResponse").SerializeToString,
        )
        return grpc.method_handlers_generic_handler(v2.SERVICE, {"ModelReady": method})


class Fleet(fleet_pb2_grpc.FleetServiceServicer):
    """Answers each watch with the next script; the last one stays open."""

    def __init__(self, *scripts: Iterable[fleet_pb2.WatchModelsResponse]) -> None:
        self._scripts = list(scripts)

    async def WatchModels(
        self, request: fleet_pb2.WatchModelsRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[fleet_pb2.WatchModelsResponse]:
        for response in self._scripts.pop(0):
            yield response
        if self._scripts:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "restarting")
        await asyncio.Event().wait()


async def wait(
    fleet: Fleet, models: Models, timeout_s: float = 20.0, *answers: bool | grpc.StatusCode
) -> list[tuple[str, ...]]:
    progress: list[tuple[str, ...]] = []
    server = grpc.aio.server()
    fleet_pb2_grpc.add_FleetServiceServicer_to_server(fleet, server)  # type: ignore[no-untyped-call]
    server.add_generic_rpc_handlers((Workers(*(answers or (True,))).handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        await all_ready(f"127.0.0.1:{port}", models, lambda known: progress.append(known.waiting), timeout_s)
    finally:
        await server.stop(None)
    return progress


async def test_waits_until_every_model_is_ready_and_tells_of_progress() -> None:
    fleet = Fleet([changed("a", "LOADING"), changed("b", "READY"), changed("a", "READY")])
    assert await wait(fleet, Models(["a", "b"])) == [("a", "b"), ("a",), ()]


async def test_a_model_that_is_not_waited_for_changes_nothing() -> None:
    fleet = Fleet([changed("other", "FAILED"), changed("a", "READY")])
    assert (await wait(fleet, Models(["a"])))[-1] == ()


async def test_a_failed_model_ends_the_wait_with_its_reason() -> None:
    fleet = Fleet([changed("a", "FAILED", "golden sample seven.json differs")])
    with pytest.raises(CannotRun, match=r"model a of vision failed: golden sample seven\.json differs"):
        await wait(fleet, Models(["a"]))


async def test_a_watch_that_ends_is_begun_again() -> None:
    fleet = Fleet([changed("a", "READY")], [changed("b", "READY")])
    assert (await wait(fleet, Models(["a", "b"])))[-1] == ()


async def test_after_the_time_limit_the_models_that_are_not_ready_are_named() -> None:
    fleet = Fleet([changed("a", "READY"), changed("b", "LOADING")])
    with pytest.raises(CannotRun, match=r"not READY after 1 s: b \(LOADING\), c \(not announced\)$"):
        await wait(fleet, Models(["a", "b", "c"]), timeout_s=1)


async def test_a_gateway_that_never_answers_is_said_so() -> None:
    with pytest.raises(CannotRun, match=r"a \(not announced\); the gateway"):
        await all_ready("127.0.0.1:1", Models(["a"]), lambda models: None, 0.5)


async def test_waits_until_the_gateway_reaches_the_worker_of_a_ready_model() -> None:
    answers = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNAVAILABLE, False, True)
    assert await wait(Fleet([changed("a", "READY")]), Models(["a"]), 20.0, *answers) == [()]


async def test_a_gateway_that_refuses_otherwise_is_not_waited_for() -> None:
    with pytest.raises(CannotRun, match="model a does not answer: UNIMPLEMENTED"):
        await wait(Fleet([changed("a", "READY")]), Models(["a"]), 20.0, grpc.StatusCode.UNIMPLEMENTED)


async def test_a_ready_model_that_the_gateway_never_reaches_is_said_so() -> None:
    with pytest.raises(CannotRun, match="the gateway reaches no worker after"):
        await wait(Fleet([changed("a", "READY")]), Models(["a"]), 0.5, grpc.StatusCode.UNAVAILABLE)


async def test_a_program_is_waited_for_until_it_listens() -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    shop = ProcessSpec("shop", ("shop",), (Port("127.0.0.1", port, ""),))
    waiting = asyncio.create_task(listening([shop], 30.0))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.3)
    async with await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", port):
        await waiting
    with pytest.raises(CannotRun, match="shop does not listen"):
        await listening([shop], 0.2)
