# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A controller answers probes as long as its event loop turns."""

import asyncio
import threading

import grpc
import pytest
from argosy_gateway.controller import health
from argosy_gateway.latest import Latest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.support.envoy import free_ports

SERVING: int = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING: int = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
def port() -> int:
    (found,) = free_ports(1)
    return found


def asked(port: int, service: str = "", timeout_s: float = 10.0) -> int | grpc.StatusCode:
    """What a probe is told, or how it fails."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        request = health_pb2.HealthCheckRequest(service=service)
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=timeout_s, wait_for_ready=True)
        except grpc.RpcError as error:
            code: grpc.StatusCode = error.code()
            return code
        return int(answer.status)


async def test_it_is_alive_at_once_and_ready_when_models_and_workers_are_known(port: int) -> None:
    known: Latest[str | None] = Latest(None)
    async with health.answered("127.0.0.1", port, known):
        assert await asyncio.to_thread(asked, port) == SERVING
        assert await asyncio.to_thread(asked, port, health.MODELS) == NOT_SERVING
        known.set("all of it")
        await asyncio.sleep(0)
        assert await asyncio.to_thread(asked, port, health.MODELS) == SERVING


async def test_it_does_not_answer_while_its_event_loop_hangs(port: int) -> None:
    answers: list[int | grpc.StatusCode] = []
    async with health.answered("127.0.0.1", port, Latest(None)):
        assert await asyncio.to_thread(asked, port) == SERVING
        probe = threading.Thread(target=lambda: answers.append(asked(port, timeout_s=0.3)))
        probe.start()
        probe.join()  # blocks the loop
        assert answers == [grpc.StatusCode.DEADLINE_EXCEEDED]
        assert await asyncio.to_thread(asked, port) == SERVING


async def test_a_port_in_use_is_said_in_one_line(port: int) -> None:
    async with health.answered("127.0.0.1", port, Latest(None)):
        with pytest.raises(health.ListenError, match=f"on port {port}"):
            async with health.answered("127.0.0.1", port, Latest(None)):
                pass
