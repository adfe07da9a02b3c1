# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""grpc.health.v1 for the whole fleet.

"" is SERVING where every domain of the fleet has a worker that answers, those aside that an autoscaler has left without
any; a domain's service where that domain has one; ``model/NAME`` where a replica answers the model.
"""

from collections.abc import AsyncIterator

import grpc
from argosy import v2
from argosy.status import Problem
from grpc.aio import ServicerContext
from grpc_health.v1 import health_pb2, health_pb2_grpc

from argosy_gateway import services
from argosy_gateway.fleet import Fleet
from argosy_gateway.front.problems import abort
from argosy_gateway.latest import Latest

_MODEL_PREFIX = "model/"
_UNKNOWN: int = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


def status(fleet: Fleet, name: str) -> int:
    """Health of the fleet, a service or a model; SERVICE_UNKNOWN where there is no such."""
    if name.startswith(_MODEL_PREFIX):
        model = fleet.models.get(name.removeprefix(_MODEL_PREFIX))
        return _UNKNOWN if model is None else _serving(model.answerable)
    if name == "":
        awake = set(fleet.domains) - fleet.asleep.keys()
        return _serving(fleet.known and fleet.ready_domains.issuperset(awake))
    if name == v2.SERVICE:
        return _serving(bool(fleet.ready_domains))
    if name not in services.public_services():
        return _UNKNOWN
    domain = services.service_domains().get(name)
    return _serving(domain is None or domain in fleet.ready_domains)


def _serving(condition: bool) -> int:
    response = health_pb2.HealthCheckResponse
    value: int = response.SERVING if condition else response.NOT_SERVING
    return value


class HealthService(health_pb2_grpc.HealthServicer):  # type: ignore[misc]
    """Answers from the current fleet."""

    def __init__(self, fleet: Latest[Fleet]) -> None:
        self._fleet = fleet

    async def Check(
        self, request: health_pb2.HealthCheckRequest, context: ServicerContext
    ) -> health_pb2.HealthCheckResponse:
        """Says how it is now; NOT_FOUND for what does not exist."""
        found = status(self._fleet.value, request.service)
        if found == _UNKNOWN:
            problem = Problem(f"nothing named {request.service!r} has a health", "SERVICE_UNKNOWN")
            await abort(context, grpc.StatusCode.NOT_FOUND, problem)
        return health_pb2.HealthCheckResponse(status=found)

    async def Watch(
        self, request: health_pb2.HealthCheckRequest, context: ServicerContext
    ) -> AsyncIterator[health_pb2.HealthCheckResponse]:
        """Streams how it is now and after each change."""
        sent: int | None = None
        async for fleet in self._fleet.changes():
            found = status(fleet, request.service)
            if found != sent:
                yield health_pb2.HealthCheckResponse(status=found)
                sent = found
        await abort(context, grpc.StatusCode.UNAVAILABLE, Problem("the control plane is stopping", "STOPPING"))
