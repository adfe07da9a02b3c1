# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Compressed calls without ``x-model``, which Envoy cannot read: reads the model here and sends them back through Envoy."""

import re
from collections.abc import AsyncIterator, Iterable
from functools import cache

import grpc
from argosy.descriptors import descriptor_set, pool_of
from argosy.status import DETAILS_KEY, Problem
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from argosy_gateway.fleet import Fleet
from argosy_gateway.front.problems import Context, abort
from argosy_gateway.services import Method

#: Marks a call that was sent back, so that a wrong address ends in an error and not in a circle.
FORWARDED = "argosy-forwarded"
#: Metadata of one hop, which the next one makes anew.
_HOP = frozenset({"content-type", "te", "user-agent", "host", "connection", "date", "server", "x-model"})
_HOP_PREFIXES = ("grpc-", "x-envoy-", "x-forwarded-", ":")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class Forwarder:
    """Sends calls back to the gateway with ``x-model`` set.

    Args:
        gateway: Channel to Envoy, with message limits at least those of the front.
    """

    def __init__(self, gateway: grpc.aio.Channel) -> None:
        self._gateway = gateway

    async def forward(
        self, method: Method, requests: AsyncIterator[bytes], fleet: Fleet, context: Context
    ) -> AsyncIterator[bytes]:
        """Relays one call: deadline, metadata, messages, trailers and status pass unchanged."""
        received = tuple(context.invocation_metadata() or ())
        if any(key == FORWARDED for key, _ in received):
            problem = Problem("the call came back to the control plane: --gateway-address is wrong", "LOOP")
            await abort(context, grpc.StatusCode.INTERNAL, problem)
        first = await anext(requests, None)
        name = await self._model_of(method, first, fleet, context)
        metadata = (*passed_on(received), ("x-model", name), (FORWARDED, "1"))
        call = self._gateway.stream_stream(method.path)(
            _with_first(first, requests), timeout=context.time_remaining(), metadata=metadata
        )
        try:
            await context.send_initial_metadata(passed_on(await call.initial_metadata()))
            async for response in call:
                yield response
        except grpc.aio.AioRpcError:
            pass  # the status is relayed below
        finally:
            call.cancel()
        context.set_trailing_metadata(passed_on(await call.trailing_metadata()))
        context.set_code(await call.code())
        context.set_details(await call.details() or "")

    async def _model_of(self, method: Method, first: bytes | None, fleet: Fleet, context: Context) -> str:
        if first is None:
            problem = Problem("the call ended before its first message", "MESSAGE_REQUIRED")
            await abort(context, grpc.StatusCode.INVALID_ARGUMENT, problem)
        try:
            name = model_in(method, first)
        except DecodeError:
            problem = Problem(f"the message is not a {method.request_type}", "MESSAGE_INVALID")
            await abort(context, grpc.StatusCode.INVALID_ARGUMENT, problem)
        name = name or fleet.defaults.get((method.domain, method.name), "")
        if not name:
            problem = Problem("model name is required: the method has no default model; name one", "MODEL_REQUIRED")
            await abort(context, grpc.StatusCode.INVALID_ARGUMENT, problem)
        return name


def model_in(method: Method, message: bytes) -> str:
    """The model that a request names, "?" where nothing can be named so. Raises DecodeError."""
    parsed: Message = _request_class(method.request_type).FromString(message)
    name: str = getattr(parsed, method.model_field)
    return name if is_name(name) else "?"


def is_name(name: str) -> bool:
    """Whether a model can have this name; the empty one stands for none."""
    return name == "" or _NAME.fullmatch(name) is not None


def passed_on(metadata: Iterable[tuple[str, str | bytes]]) -> tuple[tuple[str, str | bytes], ...]:
    """Metadata that goes on to the next hop."""
    return tuple(
        (key, value)
        for key, value in metadata
        if key == DETAILS_KEY or (key not in _HOP and not key.startswith(_HOP_PREFIXES))
    )


async def _with_first(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for message in rest:
        yield message


@cache
def _pool() -> DescriptorPool:
    return pool_of(descriptor_set("all"))


@cache
def _request_class(name: str) -> type[Message]:
    return GetMessageClass(_pool().FindMessageTypeByName(name))
