# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How Envoy speaks to workers and to the control plane."""

from typing import Any


def http2(stream_window: int = 1 << 20) -> dict[str, Any]:
    """HTTP/2 options of a cluster, in JSON form: pings find a peer that hangs, at most 1.8 s later.

    ``stream_window`` is in bytes: what may be on its way of one answer, and what Envoy keeps of a request that its peer
    does not take, before whoever sends it has to wait.
    """
    return {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {
            "http2_protocol_options": {
                "max_concurrent_streams": 1000,
                "initial_stream_window_size": stream_window,
                "initial_connection_window_size": 16 << 20,
                "connection_keepalive": {"interval": "0.5s", "timeout": "1.2s"},
            }
        },
    }
