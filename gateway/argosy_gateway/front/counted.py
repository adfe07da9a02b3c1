# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Counts the calls that the control plane answers, by method and status."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import grpc
from prometheus_client import CollectorRegistry, Counter

#: Streams that live as long as an Envoy does, which have metrics of their own.
_ADS = "/envoy."


class CallCounter(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """An interceptor of every call of a method that exists."""

    def __init__(self, metrics: CollectorRegistry) -> None:
        self._calls = Counter(
            "argosy_gateway_front_calls", "Calls that the front answered.", ["method", "code"], registry=metrics
        )

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler | None]],
        details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler | None:
        """Wraps a method's handler."""
        handler = await continuation(details)
        if handler is None or details.method.startswith(_ADS):
            return handler
        method = details.method.removeprefix("/")
        wrap = self._stream if handler.response_streaming else self._unary
        kind = f"{_arity(handler.request_streaming)}_{_arity(handler.response_streaming)}"
        made: grpc.RpcMethodHandler = getattr(grpc, f"{kind}_rpc_method_handler")(
            wrap(method, getattr(handler, kind)), handler.request_deserializer, handler.response_serializer
        )
        return made

    def _unary(self, method: str, behaviour: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def handle(request: Any, context: Any) -> Any:
            code = "UNKNOWN"  # what gRPC answers where a handler fails without a status
            try:
                answer = await behaviour(request, context)
                code = _code(context, "OK")
                return answer
            except BaseException as error:
                code = _failed(context, error)
                raise
            finally:
                self._calls.labels(method, code).inc()

        return handle

    def _stream(
        self, method: str, behaviour: Callable[..., AsyncGenerator[Any, None]]
    ) -> Callable[..., AsyncIterator[Any]]:
        async def handle(request: Any, context: Any) -> AsyncIterator[Any]:
            code = "UNKNOWN"
            try:
                async with aclosing(behaviour(request, context)) as answers:
                    async for answer in answers:
                        yield answer
                code = _code(context, "OK")
            except BaseException as error:
                code = _failed(context, error)
                raise
            finally:
                self._calls.labels(method, code).inc()

        return handle


def _arity(streaming: bool) -> str:
    return "stream" if streaming else "unary"


def _failed(context: Any, error: BaseException) -> str:
    if isinstance(error, asyncio.CancelledError | GeneratorExit):
        return "CANCELLED"
    return _code(context, "UNKNOWN")


def _code(context: Any, absent: str) -> str:
    """Name of the status that a handler set; gRPC tells it as a number or as a StatusCode."""
    told = context.code()
    number = told.value[0] if isinstance(told, grpc.StatusCode) else int(told or 0)
    return next((code.name for code in grpc.StatusCode if code.value[0] == number), absent) if number else absent
