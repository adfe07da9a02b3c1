# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One consistent configuration: the resources of each type, with a version that is a hash of their content.

Equal content has an equal version whichever process rendered it, so a restarted control plane changes nothing.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message

from argosy_gateway.fleet import Fleet
from argosy_gateway.resources.clusters import clusters
from argosy_gateway.resources.endpoints import assignments, mirrored
from argosy_gateway.resources.matchers import packed
from argosy_gateway.resources.routes import route_configuration
from argosy_gateway.resources.routing import Routing, routing

CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
ENDPOINT = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener"
ROUTE = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"


@dataclass(frozen=True, slots=True)
class Resources:
    """Resources of one type by name, packed."""

    items: Mapping[str, Any]
    version: str

    @classmethod
    def of(cls, items: Mapping[str, Any]) -> "Resources":
        """Hashes resources into their version."""
        digest = hashlib.sha256()
        for name in sorted(items):
            # The length keeps a name from running into the next resource.
            digest.update(f"{len(name)}:{name}{len(items[name].value)}:".encode())
            digest.update(items[name].value)
        return cls(items, digest.hexdigest()[:16])


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All resources, by type."""

    by_type: Mapping[str, Resources]


class SnapshotBuilder:
    """Renders snapshots, and again only the types whose input has changed: routes are large and change rarely."""

    def __init__(self, secrets: str = "") -> None:
        """``secrets`` is as in :func:`argosy_gateway.resources.clusters.clusters`."""
        self._secrets = secrets
        self._clustered: object = None
        self._clusters = Resources.of({})
        self._routing: Routing | None = None
        self._routes = Resources.of({})

    def build(self, fleet: Fleet) -> Snapshot:
        """Renders the configuration for a fleet."""
        clustered = (fleet.domains, mirrored(fleet))
        if clustered != self._clustered:
            self._clusters, self._clustered = named(clusters(*clustered, self._secrets), "name"), clustered
        wanted = routing(fleet)
        if wanted != self._routing:
            self._routes, self._routing = named([route_configuration(wanted)], "name"), wanted
        endpoints = named(assignments(fleet), "cluster_name")
        return Snapshot({CLUSTER: self._clusters, ENDPOINT: endpoints, ROUTE: self._routes})


def named(messages: Iterable[Message], name_field: str) -> Resources:
    """Packs messages, by the name in one of their fields."""
    return Resources.of({getattr(message, name_field): packed(message) for message in messages})
