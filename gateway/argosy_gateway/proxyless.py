# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Both configurations of a fleet: Envoy's, and the one of gRPC clients that balance by themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from envoy.config.endpoint.v3.endpoint_components_pb2 import LbEndpoint
from google.protobuf.any_pb2 import Any

from argosy_gateway.fleet import Fleet
from argosy_gateway.resources import proxyless
from argosy_gateway.resources.endpoints import assignment, endpoint
from argosy_gateway.resources.matchers import packed
from argosy_gateway.resources.routing import Routing, routing
from argosy_gateway.snapshot import CLUSTER, ENDPOINT, LISTENER, ROUTE, Resources, Snapshot, SnapshotBuilder, named


class ProxylessBuilder:
    """Renders the configuration of gRPC clients, and again only what has changed."""

    def __init__(self) -> None:
        self._listeners = named(proxyless.listeners(), "name")
        self._routing: Routing | None = None
        self._routes = self._clusters = Resources.of({})
        self._replicas: dict[str, tuple[str, ...]] = {}
        self._endpoints = Resources.of({})

    def build(self, fleet: Fleet) -> Snapshot:
        """Renders the configuration for a fleet."""
        wanted = routing(fleet)
        if wanted != self._routing:
            self._routes, self._routing = named(proxyless.route_configurations(wanted), "name"), wanted
        replicas = proxyless.replicas(fleet)
        if replicas.keys() != self._clusters.items.keys():
            self._clusters = named(map(proxyless.cluster, replicas), "name")
        if replicas != self._replicas:
            at = {worker.address: endpoint(worker.address) for worker in fleet.workers}
            self._endpoints = Resources.of({name: self._assignment(name, held, at) for name, held in replicas.items()})
            self._replicas = replicas
        by_type = {LISTENER: self._listeners, ROUTE: self._routes, CLUSTER: self._clusters, ENDPOINT: self._endpoints}
        return Snapshot(by_type)

    def _assignment(self, name: str, addresses: tuple[str, ...], at: Mapping[str, LbEndpoint]) -> Any:
        if self._replicas.get(name) == addresses:
            return self._endpoints.items[name]
        return packed(assignment(name, (at[address] for address in addresses)))


class Configuration(Protocol):
    """What data planes are told."""

    @property
    def envoy(self) -> Snapshot:
        """The part of Envoys."""
        ...

    @property
    def grpc(self) -> Snapshot | None:
        """The part of gRPC clients; None where they are told nothing."""
        ...


@dataclass(frozen=True, slots=True)
class KeptConfiguration:
    """What Envoy was told before, for as long as nobody knows what the fleet is now."""

    envoy: Snapshot
    grpc: Snapshot | None = None


class FleetConfiguration:
    """What data planes are told of one state of a fleet. gRPC clients' part is rendered when one asks."""

    def __init__(self, fleet: Fleet, envoy: Snapshot, clients: ProxylessBuilder) -> None:
        self._fleet = fleet
        self._clients = clients
        self.envoy = envoy

    @cached_property
    def grpc(self) -> Snapshot:
        """The part of gRPC clients."""
        return self._clients.build(self._fleet)


class ConfigurationBuilder:
    """Renders configurations of successive states."""

    def __init__(self, secrets: str = "") -> None:
        """``secrets`` is as in :func:`argosy_gateway.resources.clusters.clusters`."""
        self._envoy = SnapshotBuilder(secrets)
        self._clients = ProxylessBuilder()

    def build(self, fleet: Fleet) -> FleetConfiguration:
        """Renders the configuration of a fleet."""
        return FleetConfiguration(fleet, self._envoy.build(fleet), self._clients)
