# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Waiting until every model of a fleet is READY, as a caller of the gateway sees it, and until programs listen."""

import asyncio
from collections.abc import Callable, Iterable

import grpc
from argosy import v2
from argosy.fleet.v1 import fleet_pb2, fleet_pb2_grpc, model_pb2

from argosy_gateway.local.errors import CannotRun
from argosy_gateway.local.plan import ProcessSpec

RETRY_S = 0.1
UNKNOWN = "not announced"
#: A gateway that is about to listen is tried again at once, not after gRPC's usual second.
CHANNEL_OPTIONS = (("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1000))

#: The control plane knows of a model a moment before Envoy has the routes to it.
_NOT_YET = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.NOT_FOUND)


class Models:
    """What is known of the models that are waited for."""

    def __init__(self, expected: Iterable[str]) -> None:
        self.states = dict.fromkeys(sorted(expected), UNKNOWN)

    def update(self, model: fleet_pb2.Model) -> None:
        """Takes a model as it is now.

        Raises:
            CannotRun: it has FAILED.
        """
        name = model.description.name
        if name not in self.states:
            return
        if model.state == model_pb2.MODEL_STATE_FAILED:
            raise CannotRun(f"model {name} of {model.description.domain} failed: {model.reason or _reason(model)}")
        state = model_pb2.ModelState.Name(model.state)
        self.states[name] = state.removeprefix("MODEL_STATE_")

    @property
    def waiting(self) -> tuple[str, ...]:
        """Names of the models that are not READY, sorted."""
        return tuple(name for name, state in self.states.items() if state != "READY")


def _reason(model: fleet_pb2.Model) -> str:
    reasons = [version.reason for replica in model.replicas for version in replica.versions if version.reason]
    return reasons[0] if reasons else "its worker gives no reason; see its log"


async def all_ready(address: str, models: Models, changed: Callable[[Models], None], timeout_s: float) -> None:
    """Waits until every model is READY and answers through the gateway at ``address``; ``changed`` is told of progress.

    Raises:
        CannotRun: a model has FAILED, or ``timeout_s`` seconds have passed.
    """
    problem = "the gateway does not answer"
    try:
        async with asyncio.timeout(timeout_s), grpc.aio.insecure_channel(address, options=CHANNEL_OPTIONS) as channel:
            while models.waiting:
                try:
                    await _watch(channel, models, changed)
                except grpc.aio.AioRpcError as error:
                    problem = f"the gateway answers {error.code().name}: {error.details()}"
                if models.waiting:
                    await asyncio.sleep(RETRY_S)
            for name in models.states:
                await _answers(channel, name)
    except TimeoutError:
        if not models.waiting:
            raise CannotRun(
                f"all models are READY, and yet the gateway reaches no worker after {timeout_s:g} s"
            ) from None
        states = ", ".join(f"{name} ({models.states[name]})" for name in models.waiting)
        because = f"; {problem}" if set(models.states.values()) == {UNKNOWN} else ""
        raise CannotRun(f"not READY after {timeout_s:g} s: {states}{because}") from None


async def _answers(channel: grpc.aio.Channel, name: str) -> None:
    """Waits until a replica of the model answers: Envoy checks a worker itself before it sends calls there."""
    ready = channel.unary_unary(
        f"/{v2.SERVICE}/ModelReady",
        request_serializer=v2.message("ModelReadyRequest").SerializeToString,
        response_deserializer=v2.message("ModelReadyResponse").FromString,
    )
    while True:
        try:
            answer = await ready(v2.message("ModelReadyRequest")(name=name), metadata=(("x-model", name),))
        except grpc.aio.AioRpcError as error:
            if error.code() not in _NOT_YET:
                raise CannotRun(f"model {name} does not answer: {error.code().name}: {error.details()}") from None
        else:
            if answer.ready:
                return
        await asyncio.sleep(RETRY_S)


async def _watch(channel: grpc.aio.Channel, models: Models, changed: Callable[[Models], None]) -> None:
    stub = fleet_pb2_grpc.FleetServiceStub(channel)  # type: ignore[no-untyped-call]
    call = stub.WatchModels(fleet_pb2.WatchModelsRequest())
    async for response in call:
        if response.WhichOneof("update") == "changed":
            models.update(response.changed)
            changed(models)
            if not models.waiting:
                call.cancel()
                return


async def listening(programs: Iterable[ProcessSpec], timeout_s: float) -> None:
    """Waits until every program takes connections.

    Raises:
        CannotRun: one does not after ``timeout_s`` seconds.
    """
    for program in programs:
        for port in program.ports:
            try:
                async with asyncio.timeout(timeout_s):
                    await _takes_connections(port.host, port.number)
            except TimeoutError:
                raise CannotRun(f"{program.name} does not listen after {timeout_s:g} s") from None


async def _takes_connections(host: str, port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(RETRY_S)
        else:
            writer.close()
            return
