# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``grpc.health.v1`` that follows the models: ``""`` and the services while any model answers, ``model/NAME`` each.

Two names are for those that run the worker, as Kubernetes does. ``models``, for readiness, is SERVING once no model
that may answer is still to come, and one answers: nobody takes a worker with some of its models for a replacement of
another. A worker of which a controller has said that it is to have none has all that it needs. The WorkerService's own
name, for liveness, is SERVING while the process answers, whatever its models do.
"""

from collections.abc import Sequence

from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio

from argosy_worker.lifecycle.state import ModelState, Snapshot, State, StateBoard

#: Name of the health of all models together.
MODELS = "models"


async def follow(board: StateBoard, servicer: aio.HealthServicer, services: Sequence[str], alive: str) -> None:
    """Keeps the health servicer in step with the board; runs until cancelled.

    ``services`` are the full names of those that need models, ``alive`` that of the one which always answers.
    """
    await servicer.set(alive, health_pb2.HealthCheckResponse.SERVING)
    told: dict[str, int] = {}
    async for snapshot in board.watch():
        gone = dict.fromkeys(told, health_pb2.HealthCheckResponse.NOT_SERVING)
        for service, status in {**gone, **_statuses(snapshot, services)}.items():
            if told.get(service) != status:
                await servicer.set(service, status)
                told[service] = status


def _statuses(snapshot: Snapshot, services: Sequence[str]) -> dict[str, int]:
    models = {f"model/{name}": model.ready for name, model in snapshot.models.items()}
    answering = any(models.values())
    settled = snapshot.complete and not any(map(_coming, snapshot.models.values()))
    enough = answering or (snapshot.told and all(map(_resting, snapshot.models.values())))
    serving = {**models, **dict.fromkeys(("", *services), answering), MODELS: enough and settled}
    return {
        service: health_pb2.HealthCheckResponse.SERVING
        if ready and not snapshot.draining
        else health_pb2.HealthCheckResponse.NOT_SERVING
        for service, ready in serving.items()
    }


def _coming(model: ModelState) -> bool:
    """Whether a model does not answer yet, but may."""
    return not model.ready and any(version.state is State.LOADING for version in model.versions)


def _resting(model: ModelState) -> bool:
    """Whether a model is not to answer."""
    states = {version.state for version in model.versions}
    return bool(states) and states <= {State.UNLOADED, State.DRAINING}
