# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""FleetService: what the fleet holds, as the control plane sees it."""

from collections.abc import AsyncIterator

import grpc
from argosy.fleet.v1 import fleet_pb2, fleet_pb2_grpc
from argosy.status import Problem
from grpc.aio import ServicerContext

from argosy_gateway import services
from argosy_gateway.fleet import Fleet, ModelView, WorkerView
from argosy_gateway.front.problems import abort
from argosy_gateway.latest import Latest


class FleetService(fleet_pb2_grpc.FleetServiceServicer):
    """Answers from the current fleet."""

    def __init__(self, fleet: Latest[Fleet]) -> None:
        self._fleet = fleet

    async def ListModels(
        self, request: fleet_pb2.ListModelsRequest, context: ServicerContext
    ) -> fleet_pb2.ListModelsResponse:
        """Lists models by domain and name."""
        await _check_domain(request.domain, context)
        return fleet_pb2.ListModelsResponse(models=_models(self._fleet.value, request.domain).values())

    async def GetModel(
        self, request: fleet_pb2.GetModelRequest, context: ServicerContext
    ) -> fleet_pb2.GetModelResponse:
        """Gets one model."""
        if not request.model:
            problem = Problem("model name is required", "MODEL_REQUIRED")
            await abort(context, grpc.StatusCode.INVALID_ARGUMENT, problem)
        model = self._fleet.value.models.get(request.model)
        if model is None:
            await abort(context, grpc.StatusCode.NOT_FOUND, unknown_model(request.model))
        return fleet_pb2.GetModelResponse(model=_model(model))

    async def ListWorkers(
        self, request: fleet_pb2.ListWorkersRequest, context: ServicerContext
    ) -> fleet_pb2.ListWorkersResponse:
        """Lists workers by domain and address."""
        await _check_domain(request.domain, context)
        workers = sorted(self._fleet.value.workers, key=lambda worker: (worker.domain, worker.address))
        return fleet_pb2.ListWorkersResponse(
            workers=[_worker(worker) for worker in workers if request.domain in ("", worker.domain)]
        )

    async def WatchModels(
        self, request: fleet_pb2.WatchModelsRequest, context: ServicerContext
    ) -> AsyncIterator[fleet_pb2.WatchModelsResponse]:
        """Streams every model, then a mark, then each that changes."""
        await _check_domain(request.domain, context)
        sent: dict[str, fleet_pb2.Model] | None = None
        async for fleet in self._fleet.changes():
            models = _models(fleet, request.domain)
            before = sent or {}
            for name, model in models.items():
                if before.get(name) != model:
                    yield fleet_pb2.WatchModelsResponse(changed=model)
            for name in before.keys() - models.keys():
                yield fleet_pb2.WatchModelsResponse(removed=name)
            if sent is None:
                yield fleet_pb2.WatchModelsResponse(synced=True)
            sent = models
        await abort(context, grpc.StatusCode.UNAVAILABLE, Problem("the control plane is stopping", "STOPPING"))


def unknown_model(name: str) -> Problem:
    """The problem of a model that no worker has."""
    return Problem(f"Request for unknown model: '{name}' is not found", "MODEL_NOT_FOUND", {"model": name})


async def _check_domain(domain: str, context: ServicerContext) -> None:
    if domain and domain not in services.domains():
        known = ", ".join(services.domains())
        problem = Problem(f"unknown domain {domain!r}; there are {known}", "DOMAIN_UNKNOWN", {"domain": domain})
        await abort(context, grpc.StatusCode.INVALID_ARGUMENT, problem)


def _models(fleet: Fleet, domain: str) -> dict[str, fleet_pb2.Model]:
    return {name: _model(model) for name, model in fleet.models.items() if domain in ("", model.domain)}


def _model(model: ModelView) -> fleet_pb2.Model:
    replicas = [
        fleet_pb2.ModelReplica(replica=worker.replica, address=worker.address, versions=worker.versions(model.name))
        for worker in model.replicas
    ]
    return fleet_pb2.Model(description=model.description, state=model.state, reason=model.reason, replicas=replicas)


def _worker(worker: WorkerView) -> fleet_pb2.Worker:
    return fleet_pb2.Worker(
        replica=worker.replica,
        domain=worker.domain,
        address=worker.address,
        status=worker.status,
        ready_models=worker.ready_models,
        other_models=sorted(worker.models.keys() - set(worker.ready_models)),
        metrics_address=worker.metrics_address,
        software_version=worker.software_version,
    )
