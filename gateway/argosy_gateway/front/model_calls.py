# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls of models that come to the front: those that no replica can answer, and those whose model Envoy cannot read."""

from collections.abc import AsyncIterator, Callable

import grpc
from argosy.status import Problem
from grpc.aio import ServicerContext
from prometheus_client import CollectorRegistry, Counter

from argosy_gateway import services
from argosy_gateway.fleet import Fleet
from argosy_gateway.front import not_ready
from argosy_gateway.front.forward import FORWARDED, forward
from argosy_gateway.front.naming import model_meant
from argosy_gateway.front.problems import abort
from argosy_gateway.latest import Latest
from argosy_gateway.services import Method


class ModelCalls(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Handles every method that belongs to a model, on undecoded messages."""

    def __init__(
        self,
        fleet: Latest[Fleet],
        gateway: grpc.aio.Channel,
        metrics: CollectorRegistry,
        waking: not_ready.Waking,
    ) -> None:
        self._fleet = fleet
        self._waking = waking
        self._gateway = gateway
        self._calls = Counter(
            "argosy_gateway_front_model_calls", "Calls of models that the front took.", ["outcome"], registry=metrics
        )

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        """Finds the handler of a call; None for paths of no model."""
        method = services.model_methods().get(details.method)
        # On the wire a unary call is a stream of one message, so one handler takes all kinds.
        return None if method is None else grpc.stream_stream_rpc_method_handler(self._handler(method))

    def _handler(self, method: Method) -> Callable[[AsyncIterator[bytes], ServicerContext], AsyncIterator[bytes]]:
        async def handle(requests: AsyncIterator[bytes], context: ServicerContext) -> AsyncIterator[bytes]:
            metadata = dict(context.invocation_metadata() or ())
            fleet = self._fleet.value
            name = str(metadata.get("x-model", ""))
            if name:
                # Envoy found no replica for it. Whatever the fleet is by now: sending it back could go in circles.
                self._calls.labels("not_ready").inc()
                yield await not_ready.answer(method, name, fleet, context, self._waking)
                return
            if FORWARDED in metadata:
                problem = Problem("the call came back to the control plane: is --gateway-address wrong?", "LOOP")
                await abort(context, grpc.StatusCode.INTERNAL, problem)
            first = await anext(requests, None)
            name = await model_meant(method, first, fleet, context)
            model = fleet.models.get(name)
            if model is None or not model.answerable or method.domain not in ("", *model.domains):
                self._calls.labels("not_ready").inc()
                yield await not_ready.answer(method, name, fleet, context, self._waking)
                return
            self._calls.labels("forwarded").inc()
            async for response in forward(self._gateway, method, name, first or b"", requests, context):
                yield response

        return handle
