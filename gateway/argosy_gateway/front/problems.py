# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Ends calls with a status and one ErrorInfo."""

import asyncio
from dataclasses import replace
from typing import NoReturn

import grpc
from argosy.status import DETAILS_KEY, MESSAGE_BYTES, VALUE_BYTES, Problem, pack, shortened
from grpc.aio import ServicerContext


async def abort(context: ServicerContext, code: grpc.StatusCode, problem: Problem) -> NoReturn:
    """Ends a call with a problem in its trailers, where what is too long for them is cut."""
    problem = replace(
        problem,
        message=shortened(problem.message, MESSAGE_BYTES),
        metadata={key: shortened(value, VALUE_BYTES) for key, value in problem.metadata.items()},
    )
    trailers = ((DETAILS_KEY, pack(code.value[0], problem)),)
    try:
        await context.abort(code, problem.message, trailers)
    except grpc.aio.InternalError as error:
        # The call is over already: its caller has gone, or gRPC itself refused its message.
        raise asyncio.CancelledError from error
    raise AssertionError("abort returned")
