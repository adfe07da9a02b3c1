# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A control plane without Envoy, for clients that reach workers over ``xds:///argosy.DOMAIN``."""

import contextlib
import json
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from tests.support.envoy import Gateway, free_ports, wait_for

VISION_TARGET = "xds:///argosy.vision"


@contextlib.contextmanager
def run_control_plane(
    workers: Sequence[tuple[str, str]], folder: Path, *options: str, module: str = "argosy_gateway"
) -> Iterator[Gateway]:
    """Runs a control plane for workers, given as (domain, address); no Envoy runs. gRPC in this process follows it.

    Args:
        workers: The workers; they should serve already.
        folder: An empty folder for its files.
        options: Further options of the control plane.
        module: What runs as control plane.
    """
    port, admin_port, control_port, metrics_port = free_ports(4)
    gateway = Gateway(folder, port, admin_port, control_port, metrics_port, options, module)
    gateway.write_fleet(workers)
    try:
        start_control_plane(gateway)
        # gRPC reads it whenever it begins to follow a target that no open channel has.
        with mock.patch.dict("os.environ", {"GRPC_XDS_BOOTSTRAP_CONFIG": json.dumps(bootstrap(gateway))}):
            yield gateway
    finally:
        for name in list(gateway.processes):
            gateway.stop(name)


def start_control_plane(gateway: Gateway) -> None:
    """Starts it and returns once it listens: gRPC waits a second before it tries a second time."""
    gateway.start_control_plane()
    wait_for(lambda: _listens(gateway.control_port), "the control plane to listen", gateway)


def bootstrap(gateway: Gateway) -> dict[str, Any]:
    """What gRPC has to be told."""
    server = {"server_uri": gateway.control_plane, "channel_creds": [{"type": "insecure"}]}
    return {"xds_servers": [{**server, "server_features": ["xds_v3"]}], "node": {"id": "test"}}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
