# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Envoy as bare as it gets, as a yardstick: one listener, one route, one cluster, no feature of ours."""

import json
from pathlib import Path
from typing import Any

_TYPES = "type.googleapis.com/envoy.extensions"


def write(path: Path, port: int, upstream: str) -> None:
    """Writes a bootstrap that forwards everything on a port of 127.0.0.1 to ``upstream``, "host:port", by HTTP/2."""
    path.write_text(
        json.dumps({"static_resources": {"listeners": [_listener(port)], "clusters": [_cluster(upstream)]}})
    )


def _address(host: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": host, "port_value": port}}


def _listener(port: int) -> dict[str, Any]:
    router = {"@type": f"{_TYPES}.filters.http.router.v3.Router"}
    route = {"match": {"prefix": "/"}, "route": {"cluster": "all", "timeout": "0s"}}
    manager = {
        "@type": f"{_TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bare",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    return {"name": "bare", "address": _address("127.0.0.1", port), "filter_chains": [chain]}


def _cluster(upstream: str) -> dict[str, Any]:
    host, _, port = upstream.rpartition(":")
    http2 = {
        "@type": f"{_TYPES}.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    return {
        "name": "all",
        "connect_timeout": "5s",
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2},
        "load_assignment": {
            "cluster_name": "all",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(host, int(port))}}]}],
        },
    }
