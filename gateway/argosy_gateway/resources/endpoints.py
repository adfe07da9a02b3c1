# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Endpoints: which workers take calls, and which models each can answer."""

import ipaddress
from collections.abc import Callable, Iterable

from argosy.fleet.v1.model_pb2 import MODEL_STATE_READY
from envoy.config.core.v3.address_pb2 import Address, SocketAddress
from envoy.config.core.v3.base_pb2 import Locality, Metadata
from envoy.config.endpoint.v3.endpoint_components_pb2 import Endpoint, LbEndpoint, LocalityLbEndpoints
from envoy.config.endpoint.v3.endpoint_pb2 import ClusterLoadAssignment as Rendered
from google.protobuf.struct_pb2 import Struct
from google.protobuf.wrappers_pb2 import UInt32Value

from argosy_gateway.fleet import Fleet, WorkerView, reachable
from argosy_gateway.resources.names import (
    FLEET,
    MODEL_SUBSET,
    VERSION_SUBSET,
    domain_cluster,
    shadow_cluster,
    versioned,
)


def mirrored(fleet: Fleet) -> tuple[tuple[str, int], ...]:
    """Models and versions to which copies of calls are sent, each with a cluster of its own."""
    return tuple((name, share.version) for name, traffic in sorted(fleet.traffic.items()) for share in traffic.mirror)


def assignments(fleet: Fleet) -> list[Rendered]:
    """Renders the endpoints of every cluster; a cluster without any gets an empty list, for which Envoy waits."""
    serving = sorted(filter(reachable, fleet.workers), key=lambda worker: worker.address)

    def rendered(cluster: str, workers: Iterable[WorkerView], render: Callable[[WorkerView], LbEndpoint]) -> Rendered:
        near: list[LbEndpoint] = []
        distant: list[LbEndpoint] = []
        for worker in workers:
            (distant if worker.address in fleet.distant else near).append(render(worker))
        return assignment(cluster, near, distant)

    found = [
        rendered(domain_cluster(domain), (worker for worker in serving if worker.domain == domain), _with_models)
        for domain in fleet.domains
    ]
    for name, version in mirrored(fleet):
        ready = (worker for worker in serving if _is_ready(worker, name, version))
        found.append(rendered(shadow_cluster(name, version), ready, _plain))
    return [*found, rendered(FLEET, (worker for worker in serving if worker.ready_models), _plain)]


def assignment(cluster: str, endpoints: Iterable[LbEndpoint], distant: Iterable[LbEndpoint] = ()) -> Rendered:
    """Renders the endpoints of one cluster; distant ones get what the others are too few, or too unwell, to take."""
    levels = [list(each) for each in (endpoints, distant)]
    # Envoy needs neither locality nor weight; gRPC clients of the same endpoints refuse them without.
    return Rendered(
        cluster_name=cluster,
        endpoints=[
            LocalityLbEndpoints(
                locality=Locality(zone=zone),
                load_balancing_weight=UInt32Value(value=1),
                lb_endpoints=level,
                priority=priority,
            )
            # Priorities begin with 0 and leave none out.
            for priority, (zone, level) in enumerate(
                (zone, level) for zone, level in zip(("local", "distant"), levels, strict=True) if level
            )
        ],
    )


def _plain(worker: WorkerView) -> LbEndpoint:
    return endpoint(worker.address)


def _with_models(worker: WorkerView) -> LbEndpoint:
    rendered = endpoint(worker.address)
    models = Struct()
    models[MODEL_SUBSET] = list(worker.ready_models)
    # Versions too, whether or not a model's traffic is split: a split that begins or changes finds them there.
    models[VERSION_SUBSET] = [versioned(name, each) for name in worker.ready_models for each in worker.answering(name)]
    rendered.metadata.CopyFrom(Metadata(filter_metadata={"envoy.lb": models}))
    return rendered


def _is_ready(worker: WorkerView, model: str, version: int) -> bool:
    """Whether a version is loaded: copies of calls load nothing."""
    return model in worker.models and any(
        each.version == version and each.state == MODEL_STATE_READY for each in worker.versions(model)
    )


def endpoint(address: str) -> LbEndpoint:
    """Renders one endpoint, at an IP address and port."""
    host, _, port = address.rpartition(":")
    host = str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
    socket = SocketAddress(address=host, port_value=int(port))
    return LbEndpoint(endpoint=Endpoint(address=Address(socket_address=socket)))
