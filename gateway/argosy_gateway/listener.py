# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The listener: what every call passes, whatever its route. Part of the bootstrap, so that it never changes."""

import base64
from importlib import resources
from typing import Any

from argosy.descriptors import descriptor_set

from argosy_gateway import services
from argosy_gateway.local_replies import local_reply_config
from argosy_gateway.resources.names import FIELD_EXTRACTION, LUA, ROUTES

_EXTENSIONS = "type.googleapis.com/envoy.extensions"
_HCM = f"{_EXTENSIONS}.filters.network.http_connection_manager.v3.HttpConnectionManager"
#: Bytes of one request that Envoy holds at most while it reads the model's name: larger ones need x-model.
STREAM_WINDOW = 16 << 20
CONNECTION_WINDOW = 64 << 20
CONNECTION_BUFFER = 1 << 20
#: Headers of identity: only the gateway itself may set them.
IDENTITY_HEADERS = (
    "argosy-tenant",
    "argosy-key",
    "argosy-plan",
    "argosy-scopes",
    "argosy-priority",
    "argosy-shadow",
)
#: A first configuration is waited for: an Envoy without routes is not ready.
ADS: dict[str, Any] = {"ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "0s"}


def listener(address: dict[str, Any]) -> dict[str, Any]:
    """Renders the listener on a socket address, in JSON form."""
    manager = {"name": "http", "typed_config": {"@type": _HCM, **_connection_manager()}}
    return {
        "name": "gateway",
        "address": address,
        "per_connection_buffer_limit_bytes": CONNECTION_BUFFER,
        "filter_chains": [{"filters": [manager]}],
    }


def _connection_manager() -> dict[str, Any]:
    return {
        "stat_prefix": "gateway",
        "codec_type": "AUTO",
        "rds": {"route_config_name": ROUTES, "config_source": ADS},
        # Strips x-envoy-* from outside. No address counts as inside, least of all loopback: such a caller could set
        # its own retries.
        "use_remote_address": True,
        "internal_address_config": {"cidr_ranges": [{"address_prefix": "255.255.255.255", "prefix_len": 32}]},
        # Headers that nobody here reads: a worker, in Python, pays for each.
        "skip_xff_append": True,
        "server_header_transformation": "PASS_THROUGH",
        "generate_request_id": True,
        "preserve_external_request_id": True,
        "stream_idle_timeout": "0s",
        "request_timeout": "0s",
        "request_headers_timeout": "10s",
        "http2_protocol_options": {
            "max_concurrent_streams": 1000,
            "initial_stream_window_size": STREAM_WINDOW,
            "initial_connection_window_size": CONNECTION_WINDOW,
        },
        "early_header_mutation_extensions": [
            {
                "name": "envoy.http.early_header_mutation.header_mutation",
                "typed_config": {
                    "@type": f"{_EXTENSIONS}.http.early_header_mutation.header_mutation.v3.HeaderMutation",
                    "mutations": [{"remove": name} for name in IDENTITY_HEADERS],
                },
            }
        ],
        "local_reply_config": local_reply_config(),
        "http_filters": _filters(),
    }


def _filters() -> list[dict[str, Any]]:
    script = (resources.files("argosy_gateway") / "resources" / "model.lua").read_text(encoding="utf-8")
    return [
        {
            "name": "envoy.filters.http.grpc_web",
            "typed_config": {"@type": f"{_EXTENSIONS}.filters.http.grpc_web.v3.GrpcWeb"},
        },
        {
            "name": FIELD_EXTRACTION,
            "disabled": True,
            "typed_config": {
                "@type": f"{_EXTENSIONS}.filters.http.grpc_field_extraction.v3.GrpcFieldExtractionConfig",
                "descriptor_set": {"inline_bytes": base64.b64encode(descriptor_set("all")).decode("ascii")},
                "extractions_by_method": {
                    f"{method.service}.{method.name}": {
                        "request_field_extractions": {method.model_field: {"dynamic_metadata": ""}}
                    }
                    for method in (*services.typed_methods(), *services.v2_model_methods())
                },
            },
        },
        {
            "name": LUA,
            "disabled": True,
            "typed_config": {
                "@type": f"{_EXTENSIONS}.filters.http.lua.v3.Lua",
                "default_source_code": {"inline_string": script},
            },
        },
        {
            "name": "envoy.filters.http.router",
            "typed_config": {
                "@type": f"{_EXTENSIONS}.filters.http.router.v3.Router",
                "suppress_envoy_headers": True,
                # Counts by status and time: of gRPC's status and of the model's time they know nothing.
                "dynamic_stats": False,
            },
        },
    ]
