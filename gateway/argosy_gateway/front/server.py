# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Puts the front's services on a server."""

import grpc
from argosy.fleet.v1 import fleet_pb2_grpc
from grpc_health.v1 import health_pb2_grpc
from prometheus_client import CollectorRegistry

from argosy_gateway.fleet import Fleet
from argosy_gateway.front import v2
from argosy_gateway.front.fleet_service import FleetService
from argosy_gateway.front.health import HealthService
from argosy_gateway.front.model_calls import ModelCalls
from argosy_gateway.front.not_ready import Waking
from argosy_gateway.front.reflection import add_reflection
from argosy_gateway.latest import Latest


def add_front(
    server: grpc.aio.Server,
    fleet: Latest[Fleet],
    gateway: grpc.aio.Channel,
    metrics: CollectorRegistry,
    waking: Waking,
) -> None:
    """Serves FleetService, health, reflection, V2's calls about the whole fleet, and calls that no worker got."""
    fleet_pb2_grpc.add_FleetServiceServicer_to_server(FleetService(fleet), server)  # type: ignore[no-untyped-call]
    health_pb2_grpc.add_HealthServicer_to_server(HealthService(fleet), server)
    add_reflection(server)
    server.add_generic_rpc_handlers((v2.handlers(), ModelCalls(fleet, gateway, metrics, waking)))
