# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A second listener of Envoy for probes and scrapers: two pages of the admin, which itself stays on loopback.

The admin can stop Envoy and shows its whole configuration, so it is never served to the network. Kubernetes' probes and
Prometheus come over the network all the same.
"""

from typing import Any

_TYPES = "type.googleapis.com/envoy.extensions.filters"
#: Cluster of the admin.
ADMIN = "admin"
#: What is served: whether Envoy has its configuration, and its metrics.
PAGES = ("/ready", "/stats/prometheus")


def status_listener(address: dict[str, Any]) -> dict[str, Any]:
    """Renders the listener on a socket address, in JSON form; it needs :func:`admin_cluster`."""
    only_get = {"name": ":method", "string_match": {"exact": "GET"}}
    routes = [{"match": {"path": page, "headers": [only_get]}, "route": {"cluster": ADMIN}} for page in PAGES]
    manager = {
        "@type": f"{_TYPES}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "status",
        "codec_type": "HTTP1",
        "request_headers_timeout": "10s",
        # Matched as the admin will read them: no /ready/../quitquitquit.
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "route_config": {"name": "status", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [
            {"name": "envoy.filters.http.router", "typed_config": {"@type": f"{_TYPES}.http.router.v3.Router"}}
        ],
    }
    return {
        "name": "status",
        "address": address,
        # An Envoy that is short of memory or connections is alive.
        "ignore_global_conn_limit": True,
        "bypass_overload_manager": True,
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }


def admin_cluster(address: dict[str, Any]) -> dict[str, Any]:
    """Renders the cluster of the admin at a socket address, in JSON form."""
    endpoint = {"endpoint": {"address": address}}
    return {
        "name": ADMIN,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {"cluster_name": ADMIN, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
