# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What Prometheus is told of a controller: whether it is the active one."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector, start_http_server

from argosy_gateway.controller.health import ListenError


def registry(epoch: Callable[[], int]) -> CollectorRegistry:
    """The metrics of a controller; ``epoch`` is asked whenever they are read."""
    found = CollectorRegistry()
    gauge = Gauge("argosy_controller_epoch", "Epoch under which it is active; 0 while it is not.", registry=found)
    gauge.set_function(epoch)
    ProcessCollector(registry=found)
    return found


def serve(bind: str, port: int, found: CollectorRegistry) -> None:
    """Serves metrics on a port, in a thread that ends with the process; 0 serves none. Raises ListenError."""
    if not port:
        return
    try:
        start_http_server(port, bind, found)
    except OSError as error:
        raise ListenError(f"cannot serve metrics on port {port}: {error.strerror}") from error
