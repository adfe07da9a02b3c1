# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Clusters: two per domain, with a subset per model and version; one of all workers; one per mirrored version."""

from collections.abc import Iterable
from typing import Any

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.extensions.transport_sockets.tls.v3 import tls_pb2  # noqa: F401 registers it for ParseDict
from envoy.extensions.upstreams.http.v3 import http_protocol_options_pb2  # noqa: F401 likewise
from google.protobuf.json_format import ParseDict

from argosy_gateway.resources.names import (
    FLEET,
    MODEL_SUBSET,
    VERSION_SUBSET,
    domain_cluster,
    session_cluster,
    shadow_cluster,
)
from argosy_gateway.resources.upstream import http2
from argosy_gateway.worker_tls import transport_socket

_NEVER = 2**32 - 1
_HTTP = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
#: Places that sessions hash to; prime. Each model and version has a table of so many, filled anew with every change of
#: its replicas: with more, fewer sessions move that would not have to, and an update takes longer.
TABLE_SIZE = 4093


def clusters(domains: Iterable[str], mirrored: Iterable[tuple[str, int]] = (), secrets: str = "") -> list[Cluster]:
    """Renders the clusters of each domain, the one of all workers, and those of ``mirrored`` models and versions.

    ``secrets`` is the folder in which Envoy finds what its bootstrap wrote of certificates; empty goes without TLS.
    """
    wanted = [{**_settings(), "name": FLEET}]
    for domain in domains:
        wanted.append({**_settings(), "lbSubsetConfig": _SUBSETS, "name": domain_cluster(domain)})
        wanted.append(_of_sessions(domain))
    wanted += [_of_shadows(shadow_cluster(model, version)) for model, version in mirrored]
    secured = {"transportSocket": transport_socket(secrets)} if secrets else {}
    return [ParseDict(each | secured, Cluster()) for each in wanted]


_SUBSETS: dict[str, Any] = {
    "fallbackPolicy": "NO_FALLBACK",
    "subsetSelectors": [{"keys": [MODEL_SUBSET]}, {"keys": [VERSION_SUBSET]}],
    "listAsAny": True,
}


def _of_sessions(domain: str) -> dict[str, Any]:
    """A domain's workers again: a hash of the session chooses, so that those of a worker that leaves move alone.

    Not RING_HASH: Envoy's ring has as many points with fewer hosts, so that a tenth of the other sessions move too.
    """
    return {
        **_settings(),
        "name": session_cluster(domain),
        "edsClusterConfig": {**_EDS, "serviceName": domain_cluster(domain)},
        "lbSubsetConfig": _SUBSETS,
        "lbPolicy": "MAGLEV",
        "maglevLbConfig": {"tableSize": TABLE_SIZE},
    }


def _of_shadows(name: str) -> dict[str, Any]:
    """Workers of one version for copies of calls: few at a time, never tried again, and what fails is not looked into.

    Pings find those that hang; the control plane withdraws those that are gone.
    """
    return {
        **{key: value for key, value in _settings().items() if key not in ("outlierDetection", "healthChecks")},
        "name": name,
        "circuitBreakers": {"thresholds": [_SHADOW_LIMITS]},
        "perConnectionBufferLimitBytes": _SHADOW_WINDOW,
        "typedExtensionProtocolOptions": {_HTTP: http2(_SHADOW_WINDOW)},
    }


def _settings() -> dict[str, Any]:
    return {
        "type": "EDS",
        "edsClusterConfig": _EDS,
        "connectTimeout": "1s",
        "lbPolicy": "LEAST_REQUEST",
        "typedExtensionProtocolOptions": {_HTTP: http2()},
        "circuitBreakers": {"thresholds": [_LIMITS]},
        # With the default of 1 s calls reach a worker long after its model was withdrawn. Where no worker is healthy,
        # they all count as healthy: a lone one that was late for its health checks, being busy, still answers. The
        # control plane withdraws those that are gone.
        "commonLbConfig": {"healthyPanicThreshold": {"value": 1}, "updateMergeWindow": "0s"},
        "ignoreHealthOnHostRemoval": True,
        "closeConnectionsOnHostHealthFailure": True,
        "outlierDetection": _OUTLIERS,
        "healthChecks": [_HEALTH_CHECK],
    }


_EDS: dict[str, Any] = {"edsConfig": {"ads": {}, "resourceApiVersion": "V3"}}

#: Copies of calls that are on their way to one version at a time; a version that is slow gets no more than it can do.
SHADOWS = 24
#: What Envoy keeps of a copy that is not taken, in bytes; the caller of a larger one waits until pings were missed. All
#: copies together stay below the part of Envoy's memory from which it resets streams.
_SHADOW_WINDOW = 16 << 20
_SHADOW_LIMITS: dict[str, Any] = {
    "maxConnections": SHADOWS,
    "maxPendingRequests": SHADOWS,
    "maxRequests": SHADOWS,
    "maxRetries": 0,
}

_LIMITS: dict[str, Any] = {
    "maxConnections": 10_000,
    "maxPendingRequests": 10_000,
    "maxRequests": 10_000,
    # A fifth of all calls in flight may be retries: where every call fails, one retry for four first attempts. The
    # minimum must be at least the calls in flight on one worker, or its death fails some of them.
    "retryBudget": {"budgetPercent": {"value": 20}, "minRetryConcurrency": 200},
}

#: Only failures to reach a worker eject it: statuses are under the control of callers.
_OUTLIERS: dict[str, Any] = {
    "splitExternalLocalOriginErrors": True,
    "interval": "0.5s",
    "baseEjectionTime": "2s",
    "maxEjectionTime": "30s",
    "maxEjectionPercent": 50,
    "consecutive5xx": _NEVER,
    "enforcingConsecutive5xx": 0,
    "enforcingConsecutiveGatewayFailure": 0,
    "enforcingSuccessRate": 0,
    "consecutiveLocalOriginFailure": 5,
    "enforcingConsecutiveLocalOriginFailure": 100,
    "enforcingLocalOriginSuccessRate": 0,
    "failurePercentageThreshold": 80,
    "enforcingFailurePercentage": 0,
    "enforcingFailurePercentageLocalOrigin": 100,
    "failurePercentageMinimumHosts": 2,
    "failurePercentageRequestVolume": 50,
}

#: Finds a worker whose event loop is blocked, at most 1.6 s later: it still answers pings. One check that fails is
#: enough: the time is also the check's deadline, upon which gRPC answers for the blocked loop, if Envoy still waits.
_HEALTH_CHECK: dict[str, Any] = {
    "timeout": "1s",
    "interval": "0.5s",
    "noTrafficInterval": "0.5s",
    "unhealthyInterval": "0.5s",
    "unhealthyThreshold": 1,
    "healthyThreshold": 1,
    "intervalJitterPercent": 10,
    "grpcHealthCheck": {},
}
