# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Refuses bytes that are no message of the method: gRPC would answer UNKNOWN, and log a traceback for each."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import grpc
from argosy.status import Problem
from google.protobuf.message import DecodeError

from argosy_gateway.front.problems import abort

_MALFORMED = object()
_PROBLEM = Problem("the message is not what the method takes", "MESSAGE_MALFORMED")


class MalformedRefusal(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """An interceptor of every call with one request."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler | None]],
        details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler | None:
        """Wraps a method's reader of messages, and its handler."""
        handler = await continuation(details)
        if handler is None or handler.request_streaming or handler.request_deserializer is None:
            return handler
        read = _reader(handler.request_deserializer)
        make: Any
        behaviour: Any
        if handler.response_streaming:
            make, behaviour = grpc.unary_stream_rpc_method_handler, _stream(handler.unary_stream)
        else:
            make, behaviour = grpc.unary_unary_rpc_method_handler, _unary(handler.unary_unary)
        wrapped: grpc.RpcMethodHandler = make(behaviour, read, handler.response_serializer)
        return wrapped


def _reader(deserialize: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    def read(raw: bytes) -> Any:
        try:
            return deserialize(raw)
        except DecodeError:
            return _MALFORMED

    return read


def _unary(behaviour: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def handle(request: Any, context: Any) -> Any:
        if request is _MALFORMED:
            await abort(context, grpc.StatusCode.INVALID_ARGUMENT, _PROBLEM)
        return await behaviour(request, context)

    return handle


def _stream(behaviour: Callable[..., AsyncGenerator[Any, None]]) -> Callable[..., AsyncIterator[Any]]:
    async def handle(request: Any, context: Any) -> AsyncIterator[Any]:
        if request is _MALFORMED:
            await abort(context, grpc.StatusCode.INVALID_ARGUMENT, _PROBLEM)
        async with aclosing(behaviour(request, context)) as answers:
            async for answer in answers:
                yield answer

    return handle
