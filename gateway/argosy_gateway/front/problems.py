# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Ends calls with a status and one ErrorInfo."""

import asyncio
from typing import NoReturn

import grpc
from argosy.status import DETAILS_KEY, Problem, pack

Context = grpc.aio.ServicerContext


async def abort(context: Context, code: grpc.StatusCode, problem: Problem) -> NoReturn:
    """Ends a call with a problem in its trailers."""
    trailers = ((DETAILS_KEY, pack(code.value[0], problem)),)
    try:
        await context.abort(code, problem.message, trailers)
    except grpc.aio.InternalError as error:
        # The call is over already: its caller has gone, or gRPC itself refused its message.
        raise asyncio.CancelledError from error
    raise AssertionError("abort returned")
