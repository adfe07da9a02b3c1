# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``grpc.health.v1`` that follows the models: ``""`` and the services while any model answers, ``model/NAME`` each."""

from collections.abc import Sequence

from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio

from argosy_worker.lifecycle.state import Snapshot, StateBoard


async def follow(board: StateBoard, servicer: aio.HealthServicer, services: Sequence[str]) -> None:
    """Keeps the health servicer in step with the board; runs until cancelled."""
    told: dict[str, int] = {}
    async for snapshot in board.watch():
        gone = dict.fromkeys(told, health_pb2.HealthCheckResponse.NOT_SERVING)
        for service, status in {**gone, **_statuses(snapshot, services)}.items():
            if told.get(service) != status:
                await servicer.set(service, status)
                told[service] = status


def _statuses(snapshot: Snapshot, services: Sequence[str]) -> dict[str, int]:
    models = {f"model/{name}": model.ready for name, model in snapshot.models.items()}
    serving = {**models, **dict.fromkeys(("", *services), any(models.values()))}
    return {
        service: health_pb2.HealthCheckResponse.SERVING
        if ready and not snapshot.draining
        else health_pb2.HealthCheckResponse.NOT_SERVING
        for service, ready in serving.items()
    }
