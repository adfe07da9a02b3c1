# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the controller says to probes, from the event loop that does all its work: where that hangs, nobody answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio

from argosy_gateway.latest import Latest

#: SERVING once models and workers are known, and this controller could take over; ``""`` is as long as it answers.
MODELS = "models"


class ListenError(Exception):
    """A port cannot be had; the text is one line that says why."""


@contextlib.asynccontextmanager
async def answered(bind: str, port: int, known: Latest[Any]) -> AsyncIterator[None]:
    """Answers probes as long as the block runs.

    Args:
        bind: Address to listen on.
        port: Port of ``grpc.health.v1``; 0 listens on none.
        known: What the API server says; None until it has said all of it.

    Raises:
        ListenError: The port cannot be had.
    """
    if not port:
        yield
        return
    servicer = aio.HealthServicer()
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])  # a port in use is an error
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    try:
        server.add_insecure_port(f"[{bind}]:{port}" if ":" in bind else f"{bind}:{port}")
    except RuntimeError as error:
        raise ListenError(f"cannot answer probes on port {port} of {bind}: is it in use?") from error
    await servicer.set(MODELS, health_pb2.HealthCheckResponse.NOT_SERVING)
    await server.start()
    following = asyncio.create_task(_follow(known, servicer))
    try:
        yield
    finally:
        following.cancel()
        await server.stop(None)


async def _follow(known: Latest[Any], servicer: aio.HealthServicer) -> None:
    async for value in known.changes():
        if value is not None:
            await servicer.set(MODELS, health_pb2.HealthCheckResponse.SERVING)
            return
