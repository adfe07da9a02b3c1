# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Endpoints: which workers take calls, and which models each can answer."""

import ipaddress
from collections.abc import Iterable

from envoy.config.core.v3.address_pb2 import Address, SocketAddress
from envoy.config.core.v3.base_pb2 import Locality, Metadata
from envoy.config.endpoint.v3.endpoint_components_pb2 import Endpoint, LbEndpoint, LocalityLbEndpoints
from envoy.config.endpoint.v3.endpoint_pb2 import ClusterLoadAssignment
from google.protobuf.struct_pb2 import Struct
from google.protobuf.wrappers_pb2 import UInt32Value

from argosy_gateway.fleet import Fleet, WorkerView, reachable
from argosy_gateway.resources.names import FLEET, domain_cluster


def assignments(fleet: Fleet) -> list[ClusterLoadAssignment]:
    """Renders the endpoints of every cluster; a cluster without any gets an empty list, for which Envoy waits."""
    serving = sorted(filter(reachable, fleet.workers), key=lambda worker: worker.address)
    rendered = [
        _assignment(domain_cluster(domain), (_with_models(worker) for worker in serving if worker.domain == domain))
        for domain in fleet.domains
    ]
    return [*rendered, _assignment(FLEET, (_endpoint(worker.address) for worker in serving if worker.ready_models))]


def _assignment(cluster: str, endpoints: Iterable[LbEndpoint]) -> ClusterLoadAssignment:
    # Envoy needs neither locality nor weight; gRPC clients of the same endpoints refuse them without.
    locality = LocalityLbEndpoints(
        locality=Locality(zone="local"), load_balancing_weight=UInt32Value(value=1), lb_endpoints=endpoints
    )
    return ClusterLoadAssignment(cluster_name=cluster, endpoints=[locality] if locality.lb_endpoints else [])


def _with_models(worker: WorkerView) -> LbEndpoint:
    endpoint = _endpoint(worker.address)
    models = Struct()
    models["model"] = list(worker.ready_models)
    endpoint.metadata.CopyFrom(Metadata(filter_metadata={"envoy.lb": models}))
    return endpoint


def _endpoint(address: str) -> LbEndpoint:
    host, _, port = address.rpartition(":")
    host = str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
    socket = SocketAddress(address=host, port_value=int(port))
    return LbEndpoint(endpoint=Endpoint(address=Address(socket_address=socket)))
