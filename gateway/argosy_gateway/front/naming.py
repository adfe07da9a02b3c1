# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Which model a call means, read from its first message."""

from functools import cache
from typing import NoReturn

import grpc
from argosy.descriptors import descriptor_set, pool_of
from argosy.names import is_model_name
from argosy.status import Problem
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from grpc.aio import ServicerContext

from argosy_gateway.fleet import Fleet
from argosy_gateway.front.problems import abort
from argosy_gateway.services import Method


async def model_meant(method: Method, first: bytes | None, fleet: Fleet, context: ServicerContext) -> str:
    """The model that the first message names, or the method's default; refuses the call where there is neither."""
    if first is None:
        await _refuse(context, Problem("the call ended before its first message", "MESSAGE_REQUIRED"))
    try:
        named = model_in(method, first)
    except DecodeError:
        await _refuse(context, Problem(f"the message is not a {method.request_type}", "MESSAGE_MALFORMED"))
    name = named or fleet.defaults.get((method.domain, method.name), "")
    if not name:
        message = "model name is required: the method has no default model; name one"
        await _refuse(context, Problem(message, "MODEL_REQUIRED"))
    return name


def model_in(method: Method, message: bytes) -> str:
    """The name in a request: empty where there is none, "?" where no model can have it. Raises DecodeError."""
    parsed: Message = _request_class(method.request_type).FromString(message)
    name: str = getattr(parsed, method.model_field)
    return name if name == "" or is_model_name(name) else "?"


async def _refuse(context: ServicerContext, problem: Problem) -> NoReturn:
    await abort(context, grpc.StatusCode.INVALID_ARGUMENT, problem)


@cache
def _pool() -> DescriptorPool:
    return pool_of(descriptor_set("all"))


@cache
def _request_class(name: str) -> type[Message]:
    return GetMessageClass(_pool().FindMessageTypeByName(name))
