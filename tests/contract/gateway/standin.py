# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A worker for tests of the gateway: answers say which replica gave them, and its behaviour follows a script.

``python -m tests.contract.gateway.standin --domain vision --replica A --models '{"digits": {}}'`` prints its port. A
call's metadata ``test-do`` says what it shall do: ``sleep:SECONDS``, ``fail:CODE``, ``retry`` (refuses with
``argosy-retry: 1``), ``refuse:SECONDS`` (the same, later), ``busy`` (refuses as overloaded), ``die``. The method
``/test.Control/Set`` changes its state: JSON with any of models, draining, block.
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import grpc
from argosy.descriptors import descriptor_set, pool_of
from argosy.fleet.v1 import model_pb2, worker_pb2, worker_pb2_grpc
from argosy.status import DETAILS_KEY, Problem, pack
from argosy_gateway import services
from argosy_gateway.services import Method
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc

#: Time for which a withdrawn model still answers, in seconds.
DRAIN_S = 0.1
POOL = pool_of(descriptor_set("all"))


def message(name: str) -> Any:
    """A message class by full name."""
    return GetMessageClass(POOL.FindMessageTypeByName(name))


def loop_time() -> float:
    """The loop's clock."""
    return asyncio.get_running_loop().time()


class State(worker_pb2_grpc.WorkerServiceServicer):
    """The worker's state, which tests change."""

    def __init__(self, domain: str, replica: str, models: dict[str, Any]) -> None:
        self.domain, self.replica, self.models, self.draining = domain, replica, models, False
        self.labels: dict[str, dict[str, int]] = {}
        self.epoch = 0
        self.generation = 1
        self.changed = asyncio.Event()
        self.received: dict[str, int] = {}
        #: Metadata of each copy of a call.
        self.shadows: list[dict[str, str]] = []
        #: When a withdrawn model ceases to answer, on the loop's clock: a worker finishes what is on its way.
        self.withdrawn: dict[str, float] = {}

    def snapshot(self) -> worker_pb2.WorkerState:
        """All of it."""
        return worker_pb2.WorkerState(
            replica=self.replica,
            domain=self.domain,
            draining=self.draining,
            models=[self.model(name) for name in sorted(self.models)],
            software_version="standin",
        )

    def model(self, name: str) -> model_pb2.WorkerModel:
        """One model."""
        entry = self.models[name]
        description = model_pb2.ModelDescription(
            name=name,
            domain=self.domain,
            methods=entry.get("default_for", []),
            default_for=entry.get("default_for", []),
            version_labels={label: str(version) for label, version in self.labels.get(name, {}).items()},
        )
        versions = [
            model_pb2.ModelVersion(
                version=version,
                state=model_pb2.ModelState.Value(
                    "MODEL_STATE_" + ("FAILED" if version in entry.get("failed", []) else entry.get("state", "READY"))
                ),
                reason=entry.get("reason", ""),
            )
            for version in entry.get("versions", [1])
        ]
        return model_pb2.WorkerModel(description=description, versions=versions)

    def set(self, change: dict[str, Any]) -> None:
        """Changes the state and tells those who watch."""
        held, self.models = self.models, change.get("models", self.models)
        ceases = loop_time() + DRAIN_S
        self.withdrawn = dict.fromkeys(held.keys() - self.models.keys(), ceases) | {
            name: when for name, when in self.withdrawn.items() if name not in self.models
        }
        self.draining = change.get("draining", self.draining)
        self.generation += 1
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    async def WatchState(
        self, request: worker_pb2.WatchStateRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[worker_pb2.WatchStateResponse]:
        """Sends the state, then what changed."""
        sent: dict[str, Any] = {}
        draining = self.draining
        changed = self.changed
        yield worker_pb2.WatchStateResponse(generation=self.generation, snapshot=self.snapshot())
        sent = {name: self.model(name) for name in self.models}
        while True:
            await changed.wait()
            changed = self.changed
            now = {name: self.model(name) for name in self.models}
            for name in sent.keys() - now.keys():
                yield worker_pb2.WatchStateResponse(generation=self.generation, model_removed=name)
            for name, model in now.items():
                if sent.get(name) != model:
                    yield worker_pb2.WatchStateResponse(generation=self.generation, model_changed=model)
            if draining != self.draining:
                draining = self.draining
                yield worker_pb2.WatchStateResponse(generation=self.generation, draining=draining)
            sent = now

    async def ApplyDesired(
        self, request: worker_pb2.ApplyDesiredRequest, context: grpc.aio.ServicerContext
    ) -> worker_pb2.ApplyDesiredResponse:
        """Takes labels."""
        if request.epoch < self.epoch:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "stale epoch")
        self.epoch = request.epoch
        labels = {model.name: dict(model.version_labels) for model in request.models if model.name in self.models}
        if labels != self.labels:
            self.labels = labels
            self.set({})
        return worker_pb2.ApplyDesiredResponse(generation=self.generation)


class Calls(grpc.GenericRpcHandler):
    """Typed and V2 methods, and the tests' own."""

    def __init__(self, state: State) -> None:
        self.state = state

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """Finds the handler of a path."""
        if details.method == "/test.Control/Set":
            return grpc.unary_unary_rpc_method_handler(self.control)
        if details.method in services.v2_fleet_paths():
            return grpc.unary_unary_rpc_method_handler(self.fleet(details.method))
        method = services.model_methods().get(details.method)
        if method is None or method.domain not in ("", self.state.domain):
            return None
        handle = self.handler(method)
        if method.client_streaming:
            return grpc.stream_stream_rpc_method_handler(handle)

        async def handle_one(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
            # One message and the status in one write, as a real worker answers: it is killed before or after it.
            return await anext(handle(_only(request), context))

        return grpc.unary_unary_rpc_method_handler(handle_one)

    async def control(self, request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        """Changes the state; answers how many calls each model had, and the labels."""
        change = json.loads(request)
        self.state.set(change)
        if "block" in change:
            loop = asyncio.get_running_loop()
            loop.call_later(0.05, time.sleep, change["block"])
        answer = {
            "received": self.state.received,
            "shadows": self.state.shadows,
            "labels": self.state.labels,
            "epoch": self.state.epoch,
        }
        return json.dumps(answer).encode()

    def fleet(self, path: str) -> Any:
        """Any worker answers these."""
        name = path.rpartition("/")[2]

        async def answer(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
            response = message(f"inference.{name}Response")()
            for field in response.DESCRIPTOR.fields:
                if field.name in ("live", "ready"):
                    setattr(response, field.name, True)
            if name == "ServerMetadata":
                response.name = "argosy"
            context.set_trailing_metadata((("argosy-replica", self.state.replica),))
            return response.SerializeToString()

        return answer

    def handler(self, method: Method) -> Any:
        """Echoes, whatever the kind of the method."""
        request_type = message(method.request_type)
        described = POOL.FindServiceByName(method.service).methods_by_name[method.name]
        response_type = GetMessageClass(described.output_type)

        async def handle(requests: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> AsyncIterator[bytes]:
            metadata = dict(context.invocation_metadata())
            seen = {key: value for key, value in metadata.items() if isinstance(value, str)}
            seen["deadline"] = str(context.time_remaining())
            count = 0
            async for raw in requests:
                request = request_type.FromString(raw)
                named = getattr(request, method.model_field)
                model = named or metadata.get("x-model", "")
                if count == 0 and "argosy-shadow" in metadata:
                    self.state.shadows.append({**seen, "path": method.path})
                elif count == 0:
                    self.state.received[model] = self.state.received.get(model, 0) + 1
                count += 1
                await self.obey(metadata.get("test-do", ""), context, copy="argosy-shadow" in metadata)
                await self.check(named, metadata.get("x-model", ""), model, context)
                context.set_trailing_metadata(
                    (
                        ("argosy-replica", self.state.replica),
                        ("argosy-model", model),
                        ("argosy-version", metadata.get("argosy-version", "")),
                        ("test-seen", json.dumps(seen)),
                        ("test-size", str(len(raw))),
                    )
                )
                yield self.answer(response_type, model, metadata).SerializeToString()

        return handle

    def answer(self, response_type: Any, model: str, metadata: dict[str, str]) -> Any:
        """Says model and replica where the response has a place for them."""
        inner = response_type
        response = response_type()
        target = response.infer_response if "infer_response" in inner.DESCRIPTOR.fields_by_name else response
        values = {"model": model, "model_name": model, "name": model, "id": self.state.replica, "ready": True}
        for name, value in values.items():
            if name in target.DESCRIPTOR.fields_by_name:
                setattr(target, name, value)
        if "test-reply-size" in metadata:
            target.raw_output_contents.append(b"x" * int(metadata["test-reply-size"]))
        return response

    async def obey(self, command: str, context: grpc.aio.ServicerContext, *, copy: bool) -> None:
        """Does what the call says; ``copies-...`` is for copies of it alone."""
        what, _, value = command.partition(":")
        what = what.removeprefix("copies-") if copy else what
        if what == "sleep":
            await asyncio.sleep(float(value))
        elif what == "fail":
            await context.abort(grpc.StatusCode[value], f"failed with {value} as told")
        elif what == "retry" and value in ("", self.state.replica):
            # In headers, as a worker refuses before it has answered anything.
            await context.abort(grpc.StatusCode.UNAVAILABLE, "loading", (("argosy-retry", "1"),))
        elif what == "busy":
            await context.abort(grpc.StatusCode.UNAVAILABLE, "busy", (("grpc-retry-pushback-ms", "-1"),))
        elif what == "refuse":
            await asyncio.sleep(float(value))
            await context.abort(grpc.StatusCode.UNAVAILABLE, "loading", (("argosy-retry", "1"),))
        elif what == "die" and value in ("", self.state.replica):
            os._exit(1)

    async def check(self, named: str, header: str, model: str, context: grpc.aio.ServicerContext) -> None:
        """Refuses what a real worker refuses."""
        if named and header and named != header:
            problem = Problem(f"x-model is {header}, the message names {named}", "MODEL_MISMATCH")
            code = grpc.StatusCode.INVALID_ARGUMENT
            await context.abort(code, problem.message, ((DETAILS_KEY, pack(code.value[0], problem)),))
        if model not in self.state.models and loop_time() > self.state.withdrawn.get(model, 0.0):
            await context.abort(grpc.StatusCode.NOT_FOUND, f"replica {self.state.replica} has no {model}")


async def _only(request: bytes) -> AsyncIterator[bytes]:
    yield request


class Health(health_pb2_grpc.HealthServicer):
    """Always serving: what tests stop is the process."""

    async def Check(self, request: Any, context: Any) -> health_pb2.HealthCheckResponse:
        """SERVING."""
        return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)


async def main() -> None:
    """Serves until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--domain", required=True)
    parser.add_argument("--replica", required=True)
    parser.add_argument("--models", type=json.loads, default={})
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    state = State(options.domain, options.replica, options.models)
    server = grpc.aio.server(
        options=(
            ("grpc.max_receive_message_length", 64 << 20),
            ("grpc.max_send_message_length", 64 << 20),
            ("grpc.http2.min_ping_interval_without_data_ms", 500),
            ("grpc.http2.max_ping_strikes", 0),
        )
    )
    worker_pb2_grpc.add_WorkerServiceServicer_to_server(state, server)
    health_pb2_grpc.add_HealthServicer_to_server(Health(), server)
    server.add_generic_rpc_handlers((Calls(state),))
    port = server.add_insecure_port(f"127.0.0.1:{options.port}")
    await server.start()
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
