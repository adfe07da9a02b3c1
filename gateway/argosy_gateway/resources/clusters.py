# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Clusters: one per domain, with a subset per model, and one of all workers."""

from typing import Any

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.extensions.upstreams.http.v3 import http_protocol_options_pb2  # noqa: F401 registers it for ParseDict
from google.protobuf.json_format import ParseDict

from argosy_gateway.resources.names import FLEET, domain_cluster
from argosy_gateway.resources.upstream import http2

_NEVER = 2**32 - 1


def clusters(domains: tuple[str, ...]) -> list[Cluster]:
    """Renders the cluster of each domain and the one of all workers."""
    with_subsets = {**_settings(), "lbSubsetConfig": _SUBSETS}
    rendered = [ParseDict({**with_subsets, "name": domain_cluster(domain)}, Cluster()) for domain in domains]
    return [*rendered, ParseDict({**_settings(), "name": FLEET}, Cluster())]


_SUBSETS: dict[str, Any] = {
    "fallbackPolicy": "NO_FALLBACK",
    "subsetSelectors": [{"keys": ["model"]}],
    "listAsAny": True,
}


def _settings() -> dict[str, Any]:
    return {
        "type": "EDS",
        "edsClusterConfig": {"edsConfig": {"ads": {}, "resourceApiVersion": "V3"}},
        "connectTimeout": "1s",
        "lbPolicy": "LEAST_REQUEST",
        "typedExtensionProtocolOptions": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2()},
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


_LIMITS: dict[str, Any] = {
    "maxConnections": 10_000,
    "maxPendingRequests": 10_000,
    "maxRequests": 10_000,
    # The minimum must be at least the calls in flight on one worker, or its death fails some of them.
    "retryBudget": {"budgetPercent": {"value": 25}, "minRetryConcurrency": 200},
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

#: Finds a worker whose event loop is blocked: it still answers pings. The time is also the check's deadline, upon which
#: gRPC answers for the blocked loop, and one such answer is enough to be unhealthy, whatever the threshold.
_HEALTH_CHECK: dict[str, Any] = {
    "timeout": "1s",
    "interval": "0.5s",
    "noTrafficInterval": "0.5s",
    "unhealthyInterval": "0.5s",
    "unhealthyThreshold": 2,
    "healthyThreshold": 1,
    "intervalJitterPercent": 10,
    "grpcHealthCheck": {},
}
