# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""V2 methods that the front answers for the whole fleet."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from argosy import v2
from argosy.status import Problem
from google.protobuf.message_factory import GetMessageClass
from grpc.aio import ServicerContext

from argosy_gateway import services
from argosy_gateway.front.problems import abort

_Handler = Callable[[Any, ServicerContext], Awaitable[Any]]
_USE_WORKER = "shared memory is not available through the gateway; use the worker's own port"


def handlers() -> grpc.GenericRpcHandler:
    """Handlers of the methods, from the private pool of V2 messages."""
    methods = {}
    for name in services.v2_front_methods():
        described = v2.service().methods_by_name[name]
        request, response = GetMessageClass(described.input_type), GetMessageClass(described.output_type)
        methods[name] = grpc.unary_unary_rpc_method_handler(
            _handler(name, response), request.FromString, response.SerializeToString
        )
    return grpc.method_handlers_generic_handler(v2.SERVICE, methods)


def _handler(name: str, response: type[Any]) -> _Handler:
    async def unregister(request: Any, context: ServicerContext) -> Any:
        # Clients unregister everything before they begin: there is never anything to unregister.
        if request.name == "":
            return response()
        return await _unimplemented(context, Problem(_USE_WORKER, "SHARED_MEMORY_UNSUPPORTED"))

    async def shared_memory(_: Any, context: ServicerContext) -> Any:
        return await _unimplemented(context, Problem(_USE_WORKER, "SHARED_MEMORY_UNSUPPORTED"))

    async def not_served(_: Any, context: ServicerContext) -> Any:
        message = f"{name} is not implemented"
        return await _unimplemented(context, Problem(message, "METHOD_NOT_SERVED", {"method": name}))

    if name.endswith("SharedMemoryUnregister"):
        return unregister
    return shared_memory if "SharedMemory" in name else not_served


async def _unimplemented(context: ServicerContext, problem: Problem) -> Any:
    await abort(context, grpc.StatusCode.UNIMPLEMENTED, problem)
