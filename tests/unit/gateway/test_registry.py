# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import asyncio

from argosy_gateway.discovery import Desired, WorkerSpec
from argosy_gateway.front.health import status
from argosy_gateway.registry import Registry
from grpc_health.v1.health_pb2 import HealthCheckResponse


async def test_a_fleet_of_which_nothing_is_known_is_not_healthy_and_not_loaded() -> None:
    registry = Registry()
    assert status(registry.fleet.value, "") == HealthCheckResponse.NOT_SERVING
    waiting = asyncio.create_task(registry.known())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    registry.want(Desired(()))
    await asyncio.wait_for(waiting, 1)
    assert status(registry.fleet.value, "") == HealthCheckResponse.SERVING


async def test_workers_keep_what_they_said_when_others_come_or_become_distant() -> None:
    registry = Registry()
    one, two = WorkerSpec("nlp", "127.0.0.1:1"), WorkerSpec("nlp", "127.0.0.1:2")
    registry.want(Desired((one,)))
    view = registry.fleet.value.workers[0]
    registry.want(Desired((one, two), distant=frozenset({one.address})))
    assert registry.fleet.value.workers[0] is view
    assert registry.fleet.value.distant == {one.address}
